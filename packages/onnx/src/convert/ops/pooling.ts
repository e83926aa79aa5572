import { flag, input, output, type Convert } from '../converter.js';
import { TO_FIRST, type Graph } from '../graph.js';
import { imageOp, padsOf } from '../image-op.js';
import type { AttributeValue } from '../../model/onnx-model.js';
import type { RecordedOp } from '@multichexnet/core';

const pool =
  (type: string, more: Readonly<Record<string, AttributeValue>>): Convert =>
  (graph, op) => {
    const io = imageOp(graph, op);
    const window = io.pair('ksize');
    const attributes = {
      kernel_shape: { ints: window },
      strides: { ints: io.pair('strides') },
      pads: { ints: padsOf(op, io, io.size(input(op)), window) },
    };
    io.place(output(op), graph.node(type, [io.image(input(op))], { ...attributes, ...more }));
  };

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
