import type { RecordedOp } from '@multichexnet/core';
import { input, number, output, text, type Convert } from '../converter.js';
import type { OnnxNode } from '../../model/onnx-model.js';
import { unsupported, type Graph } from '../graph.js';
import { imageOp, type ImageOp } from '../image-op.js';
import { elementwise } from './elementwise.js';

/** `y = x * scale + shift` channel by channel, in the weights of the convolution that made x. @returns whether x comes from one that nothing else takes */
function intoConvolution(
  graph: Graph,
  op: RecordedOp,
  io: ImageOp,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
): boolean {
  const x = input(op);
  if (!graph.usedOnce(x) || (!io.first && !graph.prefersFirst(x))) return false;
  const name = io.image(x);
  const convolution = graph.convolutions.get(name);
  if (convolution === undefined) return false;
  const { name: weights, dims, outAxis } = convolution;
  const inner = dims.slice(outAxis + 1).reduce((a, b) => a * b, 1);
  const channels = dims[outAxis] as number;
  convolution.weights = convolution.weights.slice();
  for (let start = 0, c = 0; start < convolution.weights.length; start += inner, c = (c + 1) % channels)
    for (let i = start; i < start + inner; i++) (convolution.weights[i] as number) *= scale[c] as number;
  convolution.bias = convolution.bias.map((bias, c) => bias * (scale[c] as number) + (shift[c] as number));
  graph.replace(weights, convolution.weights, dims);
  const node = graph.maker(name) as OnnxNode;
  const bias = (node.inputs[2] ??= graph.fresh(`${weights}/bias`));
  graph.replace(bias, convolution.bias, [channels]);
  io.place(output(op), name);
  return true;
}

const biasAdd: Convert = (graph, op) => {
  const bias = graph.floats(input(op, 1));
  if (bias !== undefined && graph.rank(input(op)) === 4) {
    const ones = new Float32Array(bias.length).fill(1);
    if (intoConvolution(graph, op, imageOp(graph, op), ones, bias)) return;
  }
  if (text(op, 'data_format') === 'NCHW') throw unsupported(op, 'a bias in NCHW is written behind a convolution alone');
  elementwise['Add']?.(graph, op);
};

/** x, scale, offset, mean, variance -> y; the statistics are constant at inference. */
const batchNorm: Convert = (graph, op) => {
  if (op.attributes['is_training'] !== false)
    throw unsupported(op, 'it normalises by the batch (training); export the network at inference');
  const io = imageOp(graph, op);
  const epsilon = number(op, 'epsilon', 1e-4);
  const vectors = [1, 2, 3, 4].map((i) => graph.floats(input(op, i)));
  const [gamma, beta, mean, variance] = vectors as [Float32Array, Float32Array, Float32Array, Float32Array];
  if (vectors.every((vector) => vector !== undefined)) {
    const scale = Float64Array.from(gamma, (value, c) => value / Math.sqrt((variance[c] as number) + epsilon));
    const shift = Float64Array.from(beta, (value, c) => value - (mean[c] as number) * (scale[c] as number));
    if (intoConvolution(graph, op, io, scale, shift)) return;
  }
  const inputs = [io.image(input(op)), ...[1, 2, 3, 4].map((i) => graph.last(input(op, i)))];
  io.place(output(op), graph.node('BatchNormalization', inputs, { epsilon: { float: epsilon } }));
};

/** Ops that scale and shift each channel: behind a convolution they become part of its weights. */
export const channelwise: Readonly<Record<string, Convert>> = { BiasAdd: biasAdd, FusedBatchNormV3: batchNorm };
