import type { KernelConfig, Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { attr, type OpAttribute } from '../native/attributes.js';
import { DType } from '../native/dtype.js';

export type Inputs<Name extends string> = Readonly<Record<Name, TensorInfo>>;

/** A tfjs kernel of this backend, with its argument types said once. */
export function kernel<Names extends string, Attributes = Record<string, never>>(
  kernelName: string,
  run: (backend: TensorFlowBackend, inputs: Inputs<Names>, attributes: Attributes) => TensorInfo | TensorInfo[],
): KernelConfig {
  return {
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend, attrs }) =>
      run(backend as TensorFlowBackend, inputs as Inputs<Names>, (attrs ?? {}) as unknown as Attributes),
  };
}

/** The attribute that says which type an op works on. */
export const typeOf = (backend: TensorFlowBackend, tensor: TensorInfo, name = 'T'): OpAttribute =>
  attr.type(name, backend.getDTypeInteger(tensor.dtype));

export const FLOAT = attr.type('T', DType.FLOAT);

/** Runs `use` with an int32 vector or scalar made from host values, and frees it. */
export function withInt32<T>(
  backend: TensorFlowBackend,
  values: readonly number[],
  shape: readonly number[],
  use: (tensor: Tensor) => T,
): T {
  const dataId = backend.write(Int32Array.from(values), [...shape], 'int32');
  const info = { dataId, shape: [...shape], dtype: 'int32' } as unknown as Tensor;
  try {
    return use(info);
  } finally {
    backend.disposeData(dataId, true);
  }
}
