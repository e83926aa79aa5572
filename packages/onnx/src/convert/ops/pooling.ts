import { flag, input, output, type Convert } from '../converter.js';
import { TO_FIRST, type Edged, type Graph } from '../graph.js';
import { imageOp, padsOf, sum, withoutEdge, type Pads } from '../image-op.js';
import type { AttributeValue } from '../../model/onnx-model.js';
import type { RecordedOp } from '@multichexnet/core';

const pool =
  (type: string, more: Readonly<Record<string, AttributeValue>>): Convert =>
  (graph, op) => {
    const io = imageOp(graph, op);
    const window = io.pair('ksize');
    const own = padsOf(op, io, io.size(input(op)), window);
    const { image, pads } = withoutEdge(
      graph,
      io.image(input(op)),
      (edged) => type === 'MaxPool' && lost(graph, edged, sum(own, edged.pads), window),
    );
    const attributes = {
      kernel_shape: { ints: window },
      strides: { ints: io.pair('strides') },
      pads: { ints: sum(own, pads) },
    };
    io.place(output(op), graph.node(type, [guarded(graph, type, image)], { ...attributes, ...more }));
  };

/**
 * ONNX Runtime up to 1.30 (`PadFusion`) makes an edge of zeros in front of MaxPool part of it, where nothing is taken for smaller than a pixel: an op between
 * the two keeps them apart.
 */
function guarded(graph: Graph, type: string, image: string): string {
  if (type !== 'MaxPool' || !graph.edged.has(image)) return image;
  return graph.node('Clip', [image, graph.float(-Infinity)]);
}

/** Whether the edge never is a maximum: it lies below the image, and every window reaches into that. */
function lost(graph: Graph, { image, value }: Edged, pads: Pads, [height, width]: readonly [number, number]): boolean {
  const below = value === -Infinity || (value === 0 && graph.maker(image)?.type === 'Relu');
  return below && Math.max(pads[0], pads[2]) < height && Math.max(pads[1], pads[3]) < width;
}

/** [b, h, w, c] reduced over axes, constant and from 0. */
const reduce =
  (type: string): Convert =>
  (graph, op) => {
    const rank = graph.rank(input(op));
    const axes = graph.integers(op, 1).map((axis) => (axis < 0 ? axis + rank : axis));
    reduceOver(graph, op, type, axes, flag(op, 'keep_dims'));
  };

function reduceOver(graph: Graph, op: RecordedOp, type: string, axes: readonly number[], keep: boolean): void {
  const [x, y] = [input(op), output(op)];
  if (axes.length === 0) return graph.alias(y, x);
  if (graph.rank(x) === 4 && graph.prefersFirst(x)) {
    const turned = axes.map((axis) => TO_FIRST.indexOf(axis)).sort((a, b) => a - b);
    const left = TO_FIRST.filter((axis) => !axes.includes(axis));
    // ONNX Runtime keeps its blocked layout through global pooling, not through a reduction.
    const global = GLOBAL[type];
    if (global !== undefined && turned.join() === '2,3') {
      const pooled = graph.node(global, [graph.first(x)]);
      if (keep) return graph.setFirst(y, pooled);
      return graph.setLast(y, graph.node('Flatten', [pooled], { axis: { int: 1 } }));
    }
    if (keep) return graph.setFirst(y, reduction(graph, type, graph.first(x), turned, true));
    if (left.every((axis, i) => i === 0 || axis > (left[i - 1] as number)))
      return graph.setLast(y, reduction(graph, type, graph.first(x), turned, false));
  }
  graph.setLast(y, reduction(graph, type, graph.last(x), axes, keep));
}

const GLOBAL: Readonly<Record<string, string>> = { ReduceMean: 'GlobalAveragePool', ReduceMax: 'GlobalMaxPool' };

function reduction(graph: Graph, type: string, x: string, axes: readonly number[], keep: boolean): string {
  const keepdims = { int: Number(keep) };
  // The axes of a sum became an input in opset 13, those of the others in 18.
  if (type === 'ReduceSum') return graph.node(type, [x, graph.ints(axes)], { keepdims });
  return graph.node(type, [x], { axes: { ints: axes }, keepdims });
}

/** Reductions over windows and over axes. */
export const pooling: Readonly<Record<string, Convert>> = {
  MaxPool: pool('MaxPool', {}),
  AvgPool: pool('AveragePool', { count_include_pad: { int: 0 } }),
  Mean: reduce('ReduceMean'),
  Sum: reduce('ReduceSum'),
  Max: reduce('ReduceMax'),
  Min: reduce('ReduceMin'),
  Prod: reduce('ReduceProd'),
  BiasAddGrad: (graph, op) => {
    const axes = Array.from({ length: graph.rank(input(op)) - 1 }, (_, axis) => axis);
    reduceOver(graph, op, 'ReduceSum', axes, false);
  },
};
