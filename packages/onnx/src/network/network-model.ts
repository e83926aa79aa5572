import { inferenceNetwork, type Engine, type HeadModule, type Module } from '@multichexnet/core';
import { convertFunction } from '../convert/convert.js';
import { anyBatch, fixedBatch } from '../convert/symbolic.js';
import type { OnnxModel } from '../model/onnx-model.js';

/** Name of the images' input: [b, s, s, 1], float32, grey 0..1. */
export const IMAGE = 'image';

export interface NetworkRequest {
  readonly engine: Engine;
  readonly encoder: Module;
  readonly heads: readonly HeadModule[];
  /** Images in a batch; by default any number. */
  readonly batch?: number;
  /** What the file says of itself, for people and for programs. */
  readonly documentation?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A network at inference, encoder once and then every head, as an ONNX model. Its outputs are those of {@link inferenceNetwork}, in that order, under the names
 * of {@link outputNames}.
 *
 * @throws {OnnxError} ONNX_UNSUPPORTED_OP, ONNX_BATCH
 */
export function networkModel({ engine, encoder, heads, batch, documentation, metadata }: NetworkRequest): OnnxModel {
  const [, side] = encoder.layers.inputs[0]?.shape as [null, number];
  const network = inferenceNetwork(encoder, heads);
  const recorded = (images: number): ReturnType<Engine['record']> =>
    engine.record('onnx', network, [{ dtype: 'float32', shape: [images, side, side, 1] }]);
  return convertFunction(
    batch === undefined ? anyBatch(recorded(2), recorded(3), [2, 3]) : fixedBatch(recorded(batch)),
    {
      graph: heads.map(({ name }) => name).join(' '),
      inputs: [IMAGE],
      outputs: outputNames(heads),
      ...(documentation === undefined ? {} : { documentation }),
      ...(metadata === undefined ? {} : { metadata }),
    },
  );
}

/** `<head>/<layer>` of every output of every head: `cls/decision`. */
export function outputNames(heads: readonly HeadModule[]): string[] {
  return heads.flatMap(({ name, layers }) =>
    layers.outputs.map(({ sourceLayer }, i) => {
      const same = layers.outputs.slice(0, i).filter((other) => other.sourceLayer === sourceLayer).length;
      return `${name}/${sourceLayer.name}${same === 0 ? '' : `_${same}`}`;
    }),
  );
}
