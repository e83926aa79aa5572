import { inferInBatches, type Inference } from '@multichexnet/core';
import { encodeModel } from '../model/encode-model.js';
import type { OnnxRuntime, RuntimeSession } from '../runtime/onnx-runtime.js';
import { IMAGE, networkModel, outputNames, type NetworkRequest } from './network-model.js';

export interface OnnxInferenceOptions {
  /** Images that one run takes; a short batch is padded. */
  readonly batchSize: number;
  /** Threads that one op is split over; by default one a core. */
  readonly threads?: number;
}

/**
 * A network at inference in ONNX Runtime, with the parameters that it has now. The engine records it and is needed no more.
 *
 * @throws {OnnxError} ONNX_UNSUPPORTED_OP, ONNX_RUNTIME_FAILED
 */
export async function openNetwork(
  runtime: OnnxRuntime,
  network: Pick<NetworkRequest, 'engine' | 'encoder' | 'heads'>,
  options: OnnxInferenceOptions,
): Promise<Inference> {
  const { batchSize, threads } = options;
  // Of a fixed size: ONNX Runtime then plans memory ahead.
  const model = encodeModel(networkModel({ ...network, batch: batchSize }));
  const session = await runtime.open(model, threads === undefined ? {} : { threads });
  return createOnnxInference(session, network.heads, options);
}

/** The network of {@link networkModel} at inference. Takes over the session. */
export function createOnnxInference(
  session: RuntimeSession,
  heads: NetworkRequest['heads'],
  { batchSize }: OnnxInferenceOptions,
): Inference {
  const names = outputNames(heads);
  return inferInBatches({
    heads,
    batchSize,
    lanes: 1, // runs do not overlap
    compute: async (pixels, side) => {
      const outputs = await session.run({
        [IMAGE]: { dtype: 'float32', dims: [batchSize, side, side, 1], data: pixels },
      });
      return names.map((name) => {
        const data = outputs[name]?.data ?? [];
        return data instanceof Float32Array ? data : Float32Array.from(data);
      });
    },
    dispose: () => void session.dispose(),
  });
}
