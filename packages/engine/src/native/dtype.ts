import { EngineError } from '../errors.js';

/** TensorFlow's data type numbers (`tensorflow/core/framework/types.proto`), those this package meets. */
export const DType = {
  FLOAT: 1,
  DOUBLE: 2,
  INT32: 3,
  UINT8: 4,
  STRING: 7,
  COMPLEX64: 8,
  INT64: 9,
  BOOL: 10,
  RESOURCE: 20,
  VARIANT: 21,
} as const;

export type DTypeName = keyof typeof DType;

/** Bytes of one element; strings and resources have none that is fixed. */
const BYTES: Readonly<Record<number, number>> = {
  [DType.FLOAT]: 4,
  [DType.DOUBLE]: 8,
  [DType.INT32]: 4,
  [DType.UINT8]: 1,
  [DType.COMPLEX64]: 8,
  [DType.INT64]: 8,
  [DType.BOOL]: 1,
};

export type NumericArray = Float32Array | Float64Array | Int32Array | Uint8Array | BigInt64Array;

const ARRAYS: Readonly<Record<number, new (buffer: ArrayBuffer) => NumericArray>> = {
  [DType.FLOAT]: Float32Array,
  [DType.DOUBLE]: Float64Array,
  [DType.INT32]: Int32Array,
  [DType.UINT8]: Uint8Array,
  [DType.COMPLEX64]: Float32Array, // real and imaginary parts, interleaved
  [DType.INT64]: BigInt64Array,
  [DType.BOOL]: Uint8Array,
};

/** Bytes of one element, 1 where they are not known. */
export const bytesOf = (dtype: number): number => BYTES[dtype] ?? 1;

/** Bytes of one element of a dtype with a fixed size. @throws {EngineError} `NATIVE_ARGUMENT` for any other dtype */
export function elementBytes(dtype: number): number {
  const bytes = BYTES[dtype];
  if (bytes === undefined)
    throw new EngineError('NATIVE_ARGUMENT', `Tensors of data type ${dtype} have no host values. Known: ${known()}.`);
  return bytes;
}

/** The bytes of a tensor as the typed array of its dtype. */
export function typedArrayOf(dtype: number, buffer: ArrayBuffer): NumericArray {
  const array = ARRAYS[dtype];
  if (array === undefined)
    throw new EngineError('NATIVE_ARGUMENT', `Values of data type ${dtype} cannot be read. Known: ${known()}.`);
  return new array(buffer);
}

export function dtypeName(dtype: number): string {
  return Object.entries(DType).find(([, value]) => value === dtype)?.[0] ?? `data type ${dtype}`;
}

const known = () => Object.keys(DType).join(', ');
