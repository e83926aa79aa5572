import type { Batch } from '../data/batch.js';

/** A batch as `count` equal micro-batches, in order; views on the same memory. @throws RangeError when it cannot be divided */
export function splitBatch(batch: Batch, count: number): Batch[] {
  if (count === 1) return [batch];
  const size = batch.size / count;
  if (!Number.isInteger(size)) throw new RangeError(`a batch of ${batch.size} images has no ${count} equal parts`);
  const part = <S extends readonly number[]>(
    { shape, data }: { readonly shape: S; readonly data: Float32Array },
    index: number,
  ): { shape: S; data: Float32Array } => {
    const length = data.length / count;
    return {
      shape: [size, ...shape.slice(1)] as readonly number[] as S,
      data: data.subarray(index * length, (index + 1) * length),
    };
  };
  return Array.from({ length: count }, (_, index): Batch => {
    const { shape, data } = part({ shape: batch.imageShape, data: batch.images }, index);
    return {
      size,
      images: data,
      imageShape: shape,
      heads: Object.fromEntries(
        Object.entries(batch.heads).map(([name, { targets, known }]) => [
          name,
          { targets: targets.map((target) => part(target, index)), known: part(known, index) },
        ]),
      ),
    };
  });
}
