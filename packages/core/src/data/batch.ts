import { MultichexnetError } from '../errors.js';
import type { AnyHead, AnyHeadPlugin, LabelledInput } from '../plugin/head-plugin.js';
import type { TargetValue } from '../plugin/sample-values.js';

/** Host arrays of one batch; the trainer turns them into tensors. */
export interface Batch {
  readonly size: number;
  /** Grey 0..1, [b, s, s, 1]; from a batch stream it lies on shared memory, where workers wrote it. */
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
 * Encodes the labels of one batch for the given heads.
 * @param images grey 0..1, [b, s, s, 1], in the order of `inputs`
 * @throws MultichexnetError HEAD_INVALID when a head's `known` or `encode` has not the size that it declares
 */
export function encodeBatch(
  images: Float32Array,
  inputs: readonly LabelledInput[],
  heads: Readonly<Record<string, EncodingHead>>,
): Batch {
  const side = Math.sqrt(images.length / inputs.length);
  const encoded = Object.entries(heads).map(([name, head]) => [name, encodeHead(inputs, head)] as const);
  return {
    size: inputs.length,
    images,
    imageShape: [inputs.length, side, side, 1],
    heads: Object.fromEntries(encoded),
  };
}

function encodeHead(
  inputs: readonly LabelledInput[],
  { plugin, options, head, targetShapes }: EncodingHead,
): HeadBatch {
  const count = inputs.length;
  const knownSize = head.knownSize ?? 1;
  const known = new Float32Array(count * knownSize);
  const targets = targetShapes.map((shape) => ({
    shape: [count, ...shape],
    data: new Float32Array(count * product(shape)),
  }));
  inputs.forEach((input, b) => {
    const label: unknown = plugin.label(input, options);
    if (label === undefined) return;
    const mask = head.known?.(label) ?? new Array<number>(knownSize).fill(1);
    if (mask.length !== knownSize)
      throw new MultichexnetError(
        'HEAD_INVALID',
        `head "${plugin.kind}" says of ${mask.length} classes whether they are known; its knownSize is ${knownSize}`,
      );
    known.set(mask, b * knownSize);
    const values = head.encode(label, { inputSize: input.input.size });
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
