import { flag, input, output, text, type Convert } from '../converter.js';
import type { Graph } from '../graph.js';
import { permute } from '../permute.js';
import type { RecordedOp } from '@multichexnet/core';

const product =
  (transposeA: string, transposeB: string): Convert =>
  (graph, op) => {
    const names = [matrix(graph, input(op), flag(op, transposeA)), matrix(graph, input(op, 1), flag(op, transposeB))];
    graph.setLast(output(op), graph.node('MatMul', names));
  };

/** [..., n, m], its last two axes exchanged where asked for; a constant is exchanged here. */
function matrix(graph: Graph, id: number, turned: boolean): string {
  if (!turned) return graph.last(id);
  const shape = graph.shape(id);
  const perm = shape.map((_, axis) => axis);
  perm.splice(-2, 2, shape.length - 1, shape.length - 2);
  const values = graph.floats(id);
  if (values === undefined) return graph.node('Transpose', [graph.last(id)], { perm: { ints: perm } });
  return graph.constant('float32', perm.map((axis) => shape[axis] as number), permute(values, shape, perm)); // prettier-ignore
}

/** Largest along an axis, as an index. */
const extreme =
  (type: string): Convert =>
  (graph, op: RecordedOp) => {
    const [axis] = graph.integers(op, 1) as [number];
    const found = graph.node(type, [graph.last(input(op))], { axis: { int: axis }, keepdims: { int: 0 } });
    const int32 = graph.dtype(output(op)) === 'int32';
    graph.setLast(output(op), int32 ? graph.node('Cast', [found], { to: { int: 6 } }) : found);
  };

/** Matrix products and searches. */
export const products: Readonly<Record<string, Convert>> = {
  MatMul: product('transpose_a', 'transpose_b'),
  BatchMatMul: product('adj_x', 'adj_y'),
  BatchMatMulV2: product('adj_x', 'adj_y'),
  Einsum: (graph, op) => {
    const inputs = op.inputs.map((id) => graph.last(id));
    graph.setLast(output(op), graph.node('Einsum', inputs, { equation: { string: text(op, 'equation') ?? '' } }));
  },
  ArgMax: extreme('ArgMax'),
  ArgMin: extreme('ArgMin'),
};
