import { MultichexnetError } from '../errors.js';

/** Words about preprocessing that a user may set. */
export interface PreprocessingConfig {
  /** `borders`: burned-in borders (`insideBorders` of imaging) are cut off first. Default `none`. */
  readonly crop?: 'none' | 'borders';
}

/**
 * How an image becomes the model's input. Plain data: a run keeps the one that it trained with, `predict` reads it back, and the cache
 * keys its entries by it.
 */
export interface Preprocessing {
  /** The image, or what is left of it, stretched to a square by area average, as the reference does (`readResizedImage`). */
  readonly kind: 'stretch';
  /** Of the decoding, too: a change that gives other bytes for some file gets another number. */
  readonly version: 1;
  /** Pixels per side. */
  readonly size: number;
  /** What is cut off before; absent = nothing. */
  readonly crop?: 'borders';
}

export function stretchTo(size: number, { crop = 'none' }: PreprocessingConfig = {}): Preprocessing {
  return { kind: 'stretch', version: 1, size, ...(crop === 'none' ? {} : { crop }) };
}

/** `stretch-1-256`, `stretch-1-256-borders`: names a folder of the cache. */
export function preprocessingName({ kind, version, size, crop }: Preprocessing): string {
  return `${kind}-${version}-${size}${crop === undefined ? '' : `-${crop}`}`;
}

/**
 * The preprocessing that a run was trained with, checked to be one that this version can do.
 * @param file where it stands, for the error
 * @throws MultichexnetError PREPROCESSING_UNKNOWN
 */
export function readPreprocessing(value: unknown, file: string): Preprocessing {
  const { kind, version, size, crop } = (value ?? {}) as Partial<Preprocessing>;
  const known = kind === 'stretch' && version === 1 && (crop === undefined || crop === 'borders');
  if (known && Number.isInteger(size) && (size as number) > 0)
    return stretchTo(size as number, crop === undefined ? {} : { crop });
  throw new MultichexnetError(
    'PREPROCESSING_UNKNOWN',
    `the model was trained on images prepared by ${JSON.stringify(value) ?? 'nothing that was written down'}; this version prepares by ${JSON.stringify(stretchTo(256))} of any size, and with "crop":"borders"`,
    { file },
  );
}
