import { MultichexnetError } from '../errors.js';

/**
 * How an image becomes the model's input. Plain data: a run keeps the one that it trained with, `predict` reads it back, and the cache
 * keys its entries by it.
 */
export interface Preprocessing {
  /** The whole image, stretched to a square by area average, as the reference does (`readResizedImage`). */
  readonly kind: 'stretch';
  /** Of the decoding, too: a change that gives other bytes for some file gets another number. */
  readonly version: 1;
  /** Pixels per side. */
  readonly size: number;
}

export function stretchTo(size: number): Preprocessing {
  return { kind: 'stretch', version: 1, size };
}

/** `stretch-1-256`: names a folder of the cache. */
export function preprocessingName({ kind, version, size }: Preprocessing): string {
  return `${kind}-${version}-${size}`;
}

/**
 * The preprocessing that a run was trained with, checked to be one that this version can do.
 * @param file where it stands, for the error
 * @throws MultichexnetError PREPROCESSING_UNKNOWN
 */
export function readPreprocessing(value: unknown, file: string): Preprocessing {
  const { kind, version, size } = (value ?? {}) as Partial<Preprocessing>;
  if (kind === 'stretch' && version === 1 && Number.isInteger(size) && (size as number) > 0)
    return stretchTo(size as number);
  throw new MultichexnetError(
    'PREPROCESSING_UNKNOWN',
    `the model was trained on images prepared by ${JSON.stringify(value) ?? 'nothing that was written down'}; this version prepares by ${JSON.stringify(stretchTo(256))} of any size`,
    { file },
  );
}
