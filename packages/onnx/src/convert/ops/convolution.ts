import type { RecordedOp } from '@multichexnet/core';
import type { AttributeValue } from '../../model/onnx-model.js';
import { input, output, text, type Convert } from '../converter.js';
import { unsupported, type Graph } from '../graph.js';
import { beforeAndAfter, imageOp, padsOf, reach, sum, withoutEdge, type ImageOp } from '../image-op.js';
import { permute } from '../permute.js';

const conv2d: Convert = (graph, op) => convolve(graph, op, 'mixed');
const depthwise: Convert = (graph, op) => convolve(graph, op, 'depth');

/** @param kind `mixed`: filter [h, w, in, out]; `depth`: every channel by itself, [h, w, c, multiplier] */
function convolve(graph: Graph, op: RecordedOp, kind: 'mixed' | 'depth'): void {
  const io = imageOp(graph, op);
  const [x, filter] = [input(op), input(op, 1)];
  const [kh, kw, depth, last] = graph.shape(filter) as [number, number, number, number];
  const channels = io.channels(x);
  const group = kind === 'depth' ? channels : channels / depth;
  const dilations = io.pair('dilations');
  const window = [reach(kh, dilations[0]), reach(kw, dilations[1])] as const;
  const { image, pads } = withoutEdge(graph, io.image(x), ({ value }) => value === 0);
  const attributes = {
    kernel_shape: { ints: [kh, kw] },
    strides: { ints: io.pair('strides') },
    pads: { ints: sum(padsOf(op, io, io.size(x), window), pads) },
    dilations: { ints: dilations },
    group: { int: group },
  };
  // [kh, kw, in, out] -> [out, in, kh, kw]; [kh, kw, c, m] -> [c * m, 1, kh, kw]
  const perm = kind === 'depth' ? [2, 3, 0, 1] : [3, 2, 0, 1];
  const dims = kind === 'depth' ? [depth * last, 1, kh, kw] : [last, depth, kh, kw];
  emit(graph, op, io, 'Conv', image, { filter, perm, dims, outAxis: 0 }, attributes);
}

/** The transposed convolution is the gradient of one: inputs (sizes, filter [h, w, out, in], dy). */
const transposed: Convert = (graph, op) => {
  const io = imageOp(graph, op);
  const [filter, x] = [input(op, 1), input(op, 2)];
  const [kh, kw, out, depth] = graph.shape(filter) as [number, number, number, number];
  const strides = io.pair('strides');
  const dilations = io.pair('dilations');
  const window = [reach(kh, dilations[0]), reach(kw, dilations[1])] as const;
  const [from, to] = [io.size(x), io.size(output(op))];
  if (text(op, 'padding') === 'EXPLICIT') throw unsupported(op, 'paddings in numbers are not written');
  const spans = [0, 1].map((i) => ((from[i] as number) - 1) * (strides[i] as number) + (window[i] as number));
  const total = spans.map((span, i) => (text(op, 'padding') === 'SAME' ? Math.max(span - (to[i] as number), 0) : 0));
  const attributes = {
    kernel_shape: { ints: [kh, kw] },
    strides: { ints: strides },
    dilations: { ints: dilations },
    pads: { ints: beforeAndAfter(total as [number, number]) },
    // What the last step of the other direction left over.
    output_padding: { ints: spans.map((span, i) => (to[i] as number) - (span - (total[i] as number))) },
  };
  // [kh, kw, out, in] -> [in, out, kh, kw]
  emit(
    graph,
    op,
    io,
    'ConvTranspose',
    io.image(x),
    { filter, perm: [3, 2, 0, 1], dims: [depth, out, kh, kw], outAxis: 1 },
    attributes,
  );
};

interface Filter {
  readonly filter: number;
  readonly perm: readonly number[];
  readonly dims: readonly number[];
  readonly outAxis: 0 | 1;
}

function emit(
  graph: Graph,
  op: RecordedOp,
  io: ImageOp,
  type: 'Conv' | 'ConvTranspose',
  image: string,
  { filter, perm, dims, outAxis }: Filter,
  attributes: Readonly<Record<string, AttributeValue>>,
): void {
  const values = graph.floats(filter);
  if (values === undefined) {
    const turned = graph.node('Transpose', [graph.last(filter)], { perm: { ints: perm } });
    const shaped = graph.reshape(
      turned,
      perm.map((axis) => graph.shape(filter)[axis] as number),
      dims,
    );
    io.place(output(op), graph.node(type, [image, shaped], attributes));
    return;
  }
  const name = graph.fresh((graph.value(filter).variable ?? 'kernel').replace(/^.*:/, ''));
  const weights = permute(values, graph.shape(filter), perm);
  const channels = outAxis === 0 ? (dims[0] as number) : (dims[1] as number);
  graph.replace(name, weights, dims);
  const result = graph.node(type, [image, name], attributes);
  graph.convolutions.set(result, { name, weights, dims, outAxis, bias: new Float32Array(channels) });
  io.place(output(op), result);
}

export const convolutions: Readonly<Record<string, Convert>> = {
  Conv2D: conv2d,
  DepthwiseConv2dNative: depthwise,
  Conv2DBackpropInput: transposed,
};
