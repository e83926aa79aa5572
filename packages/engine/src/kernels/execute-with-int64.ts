import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlowBackend } from '../backend/tensorflow-backend.js';
import { attr, type OpAttribute } from '../native/attributes.js';
import { DType } from '../native/dtype.js';

/** Runs an op that takes some of its inputs as int64, which tfjs does not have; int64 results come back as int32. */
export function executeWithInt64(
  backend: TensorFlowBackend,
  name: string,
  attributes: readonly OpAttribute[],
  inputs: readonly TensorInfo[],
  int64: readonly TensorInfo[],
  numOutputs: number,
): Tensor[] {
  const casts: number[] = [];
  try {
    const ids = backend.getInputTensorIds(inputs).map((id, index) => {
      if (!int64.includes(inputs[index] as TensorInfo)) return id;
      const types = [attr.type('SrcT', DType.INT32), attr.type('DstT', DType.INT64), attr.bool('Truncate', false)];
      const cast = backend.binding.executeOp('Cast', types, [id], 1)[0]?.id as number;
      casts.push(cast);
      return cast;
    });
    return backend.binding
      .executeOp(name, attributes, ids, numOutputs)
      .map((output) => backend.createOutputTensor(output));
  } finally {
    for (const id of casts) backend.binding.deleteTensor(id);
  }
}
