import { MultichexnetError } from '../errors.js';
import type { AnyHead, AnyHeadPlugin, TargetValue } from '../plugin/head-plugin.js';
import { labelledInput, type PreparedImage } from './prepared-image.js';

/** Host arrays of one batch; the trainer turns them into tensors. */
export interface Batch {
  readonly size: number;
  /** Grey 0..1, [b, s, s, 1]. */
  readonly images: Float32Array;
  readonly imageShape: readonly [number, number, number, number];
  readonly heads: Readonly<Record<string, HeadBatch>>;
}

export interface HeadBatch {
  /** [b, ...targetShape] each. */
  readonly targets: readonly { readonly shape: readonly number[]; readonly data: Float32Array }[];
  /** 1 = known, [b, knownSize]. */
  readonly known: { readonly shape: readonly [number, number]; readonly data: Float32Array };
}

/** What encoding needs of one head. */
export interface EncodingHead {
  readonly plugin: AnyHeadPlugin;
  readonly options: unknown;
  readonly head: AnyHead;
  /** Shapes of the targets without the batch dimension. */
  readonly targetShapes: readonly (readonly number[])[];
}

/**
 * Packs images and encodes their labels for the given heads.
 * @throws RangeError for no image, or images of several sizes; MultichexnetError HEAD_INVALID when a head's `known` or `encode` has not the size that it
 * declares
 */
export function encodeBatch(images: readonly PreparedImage[], heads: Readonly<Record<string, EncodingHead>>): Batch {
  const first = images[0];
  if (first === undefined) throw new RangeError('a batch needs at least one image');
  const side = first.size;
  const pixels = new Float32Array(images.length * side * side);
  images.forEach((image, b) => {
    if (image.size !== side) throw new RangeError(`a batch of images of ${side} and ${image.size} pixels a side`);
    const offset = b * side * side;
    for (let i = 0; i < side * side; i++) pixels[offset + i] = (image.pixels[i] as number) / 255;
  });
  const encoded = Object.entries(heads).map(([name, head]) => [name, encodeHead(images, head)] as const);
  return {
    size: images.length,
    images: pixels,
    imageShape: [images.length, side, side, 1],
    heads: Object.fromEntries(encoded),
  };
}

function encodeHead(
  images: readonly PreparedImage[],
  { plugin, options, head, targetShapes }: EncodingHead,
): HeadBatch {
  const count = images.length;
  const knownSize = head.knownSize ?? 1;
  const known = new Float32Array(count * knownSize);
  const targets = targetShapes.map((shape) => ({
    shape: [count, ...shape],
    data: new Float32Array(count * product(shape)),
  }));
  images.forEach((image, b) => {
    const label: unknown = plugin.label(labelledInput(image), options);
    if (label === undefined) return;
    const mask = head.known?.(label) ?? new Array<number>(knownSize).fill(1);
    if (mask.length !== knownSize)
      throw new MultichexnetError(
        'HEAD_INVALID',
        `head "${plugin.kind}" says of ${mask.length} classes whether they are known; its knownSize is ${knownSize}`,
      );
    known.set(mask, b * knownSize);
    const values = head.encode(label, { inputSize: image.size });
    if (values.length !== targets.length)
      throw new MultichexnetError(
        'HEAD_INVALID',
        `head "${plugin.kind}" encoded ${values.length} targets, where it has ${targets.length}`,
      );
    values.forEach((value: TargetValue, t: number) => {
      const shape = targetShapes[t] as readonly number[];
      const data = typeof value === 'number' ? [value] : value;
      if (data.length !== product(shape))
        throw new MultichexnetError(
          'HEAD_INVALID',
          `head "${plugin.kind}" encoded ${data.length} values for target ${t} of shape [${shape.join(', ')}]`,
        );
      targets[t]?.data.set(data, b * data.length);
    });
  });
  return { targets, known: { shape: [count, knownSize], data: known } };
}

function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
