import { inferInBatches, type HeadModule, type Inference } from '@multichexnet/core';
import type { RuntimeSession } from '../runtime/onnx-runtime.js';
import { IMAGE, outputNames } from './network-model.js';

export interface OnnxInferenceOptions {
  /** Images that one run takes; a short batch is padded. */
  readonly batchSize: number;
  /** Runs that are under way at a time; by default one. */
  readonly lanes?: number;
}

/** The network of {@link networkModel} at inference, in ONNX Runtime. Takes over the session. */
export function createOnnxInference(
  session: RuntimeSession,
  heads: readonly HeadModule[],
  { batchSize, lanes = 1 }: OnnxInferenceOptions,
): Inference {
  const names = outputNames(heads);
  return inferInBatches({
    heads,
    batchSize,
    lanes,
    compute: async (pixels, side) => {
      const outputs = await session.run({
        [IMAGE]: { dtype: 'float32', dims: [batchSize, side, side, 1], data: pixels },
      });
      return names.map((name) => Float32Array.from(outputs[name]?.data ?? []));
    },
    dispose: () => void session.dispose(),
  });
}
