/** The values of a tensor with its axes in another order: result axis i is axis `perm[i]`. */
export function permute<T extends Float32Array | Int32Array | Uint8Array | BigInt64Array>(
  data: T,
  shape: readonly number[],
  perm: readonly number[],
): T {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const dims = perm.map((axis) => shape[axis] as number);
  const steps = perm.map((axis) => strides[axis] as number);
  const result = data.slice() as T;
  const at = dims.map(() => 0);
  for (let i = 0, from = 0; i < data.length; i++) {
    result[i] = data[from] as never;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += steps[axis] as number;
      if (++(at[axis] as number) < (dims[axis] as number)) break;
      from -= (steps[axis] as number) * (dims[axis] as number);
      at[axis] = 0;
    }
  }
  return result;
}
