import { totalmem } from 'node:os';
import { EngineError } from '../errors.js';
import type { CApi } from './c-api.js';
import { bytesOf, DType, dtypeName, elementBytes, typedArrayOf, type NumericArray } from './dtype.js';
import { koffi } from './koffi.js';
import type { StringPointer, TensorPointer } from './pointers.js';

/** Values as tfjs holds them on the host: numbers, or one byte array per string. */
export type HostValues = NumericArray | readonly number[] | readonly Uint8Array[];

/** What `read` gives back: a typed array, or one byte array per string. */
export type ReadValues = NumericArray | Uint8Array[];

const STRING_BYTES = 24; // sizeof(TF_TString)
const MAX_RANK = 254; // TensorFlow's own limit
/** Bytes beyond which no tensor is allocated: what the machine has. Linux would promise more and kill the process when it is touched. */
export const MAX_TENSOR_BYTES = Math.min(totalmem(), process.constrainedMemory() || Infinity);

export const int64s = (values: readonly number[]): BigInt64Array => BigInt64Array.from(values, BigInt);

/** Number of elements. @throws {EngineError} `NATIVE_ARGUMENT` for a dimension that is no natural number, or a tensor larger than memory */
export function checkedSize(shape: readonly number[], dtype: number, what: string): number {
  if (shape.length > MAX_RANK)
    throw new EngineError('NATIVE_ARGUMENT', `${what}: rank ${shape.length} is more than ${MAX_RANK}.`);
  let size = 1;
  for (const dim of shape) {
    if (!Number.isSafeInteger(dim) || dim < 0) {
      throw new EngineError(
        'NATIVE_ARGUMENT',
        `${what}: shape [${shape.join(', ')}] has the dimension ${dim}; dimensions are integers from 0.`,
      );
    }
    size *= dim;
  }
  const bytes = size * (dtype === DType.STRING ? STRING_BYTES : bytesOf(dtype));
  if (bytes > MAX_TENSOR_BYTES) {
    throw new EngineError(
      'NATIVE_ARGUMENT',
      `${what}: shape [${shape.join(', ')}] takes ${bytes} bytes, more than this machine's memory.`,
    );
  }
  return size;
}

/**
 * A new native tensor with these values.
 *
 * @throws {EngineError} `NATIVE_ARGUMENT` when the shape is not valid or does not have as many elements as there are values
 */
export function createTensor(api: CApi, shape: readonly number[], dtype: number, values: HostValues): TensorPointer {
  const size = checkedSize(shape, dtype, 'new tensor');
  if (dtype === DType.STRING) return createStringTensor(api, shape, size, values);
  const source = toBytes(dtype, values, size, shape);
  const tensor = allocate(api, shape, dtype, source.byteLength);
  if (source.byteLength > 0) {
    const data = api.TF_TensorData(tensor);
    if (data === null)
      throw new EngineError('NATIVE_ARGUMENT', `new tensor: no memory for shape [${shape.join(', ')}].`);
    new Uint8Array(koffi().view(data, source.byteLength)).set(source);
  }
  return tensor;
}

/** A copy of a tensor's values. */
export function readTensor(api: CApi, tensor: TensorPointer, dtype: number): ReadValues {
  const bytes = Number(api.TF_TensorByteSize(tensor));
  if (dtype === DType.STRING) return readStrings(api, tensor, bytes / STRING_BYTES);
  const out = new ArrayBuffer(bytes);
  const data = bytes > 0 ? api.TF_TensorData(tensor) : null;
  if (data !== null) new Uint8Array(out).set(new Uint8Array(koffi().view(data, bytes)));
  return typedArrayOf(dtype, out);
}

function allocate(api: CApi, shape: readonly number[], dtype: number, bytes: number): TensorPointer {
  const tensor = api.TF_AllocateTensor(dtype, int64s(shape), shape.length, bytes);
  if (tensor === null)
    throw new EngineError(
      'NATIVE_ARGUMENT',
      `new tensor: no memory for shape [${shape.join(', ')}] of ${dtypeName(dtype)}.`,
    );
  return tensor;
}

function toBytes(dtype: number, values: HostValues, size: number, shape: readonly number[]): Uint8Array {
  const bytes = size * elementBytes(dtype);
  if (ArrayBuffer.isView(values)) {
    const view = values;
    const sameKind = view.constructor === typedArrayOf(dtype, new ArrayBuffer(0)).constructor;
    // tfjs keeps an int64 as the two halves of an Int32Array.
    const halves = dtype === DType.INT64 && view instanceof Int32Array && view.byteLength === bytes;
    if ((sameKind && view.byteLength === bytes) || halves) return new Uint8Array(view.buffer, view.byteOffset, bytes);
  }
  const perElement = dtype === DType.COMPLEX64 ? 2 : 1;
  if (values.length !== size * perElement) {
    throw new EngineError(
      'NATIVE_ARGUMENT',
      `new tensor: shape [${shape.join(', ')}] of ${dtypeName(dtype)} has ${size * perElement} values, ${values.length} were given.`,
    );
  }
  const target = typedArrayOf(dtype, new ArrayBuffer(bytes));
  const list = values as ArrayLike<number | bigint>;
  for (let i = 0; i < list.length; i++) {
    const value = list[i] as number | bigint;
    if (target instanceof BigInt64Array) target[i] = typeof value === 'bigint' ? value : BigInt(Math.trunc(value));
    else target[i] = Number(value);
  }
  return new Uint8Array(target.buffer as ArrayBuffer);
}

function createStringTensor(api: CApi, shape: readonly number[], size: number, values: HostValues): TensorPointer {
  const list = values as readonly unknown[];
  if (list.length !== size) {
    throw new EngineError(
      'NATIVE_ARGUMENT',
      `new tensor: shape [${shape.join(', ')}] has ${size} strings, ${list.length} were given.`,
    );
  }
  const encoded = list.map((value) => {
    if (value instanceof Uint8Array) return value;
    if (typeof value === 'string') return Buffer.from(value, 'utf8');
    throw new EngineError(
      'NATIVE_ARGUMENT',
      `new tensor: a string tensor takes strings as UTF-8 bytes, got ${typeof value}.`,
    );
  });
  const tensor = allocate(api, shape, DType.STRING, size * STRING_BYTES);
  const data = size > 0 ? api.TF_TensorData(tensor) : null;
  if (data !== null) {
    encoded.forEach((bytes, index) => {
      const element = (data + BigInt(index * STRING_BYTES)) as unknown as StringPointer;
      api.TF_StringInit(element);
      api.TF_StringCopy(element, bytes, bytes.byteLength);
    });
  }
  return tensor;
}

/** Frees the strings of a tensor that `createTensor` made; the tensor itself stays. */
export function freeStrings(api: CApi, tensor: TensorPointer): void {
  const count = Number(api.TF_TensorByteSize(tensor)) / STRING_BYTES;
  const data = count > 0 ? api.TF_TensorData(tensor) : null;
  if (data === null) return;
  for (let index = 0; index < count; index++) {
    api.TF_StringDealloc((data + BigInt(index * STRING_BYTES)) as unknown as StringPointer);
  }
}

function readStrings(api: CApi, tensor: TensorPointer, count: number): Uint8Array[] {
  const data = count > 0 ? api.TF_TensorData(tensor) : null;
  if (data === null) return [];
  return Array.from({ length: count }, (_, index) => {
    const element = (data + BigInt(index * STRING_BYTES)) as unknown as StringPointer;
    const length = Number(api.TF_StringGetSize(element));
    return length === 0
      ? new Uint8Array(0)
      : new Uint8Array(koffi().view(api.TF_StringGetDataPointer(element), length)).slice();
  });
}
