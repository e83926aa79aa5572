import { asItLies, type Lying } from '../as-it-lies.js';
import { batchCut, input, number, output, type Convert } from '../converter.js';
import { unsupported, type Graph } from '../graph.js';

/** "To the end" and "to the very beginning", as ONNX's Slice has it. */
const END = Number.MAX_SAFE_INTEGER;

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** x without what lies outside of the ranges; axes that are not named stay whole. */
function cut(graph: Graph, lying: Pick<Lying, 'name' | 'axis'>, ranges: readonly Range[]): string {
  const { name } = lying;
  if (ranges.length === 0) return name;
  const lists = [
    ranges.map(({ start }) => start),
    ranges.map(({ end }) => end),
    ranges.map(({ axis }) => lying.axis(axis)),
    ranges.map(({ step }) => step),
  ];
  return graph.node('Slice', [name, ...lists.map((list) => graph.ints(list))]);
}

/** x, begin, size */
const slice: Convert = (graph, op) => {
  const [x, y] = [input(op), output(op)];
  const [from, to] = [graph.shape(x), graph.shape(y)];
  const begin = graph.integers(op, 1);
  const ranges = begin.flatMap((start, axis): Range[] => {
    const [all, size] = [from[axis] as number, to[axis] as number];
    if (start === 0 && size === all) return [];
    if (size < 0 || all < 0) throw batchCut(op);
    return [{ axis, start, end: start + size, step: 1 }];
  });
  if (ranges.length === 0) return graph.alias(y, x);
  const lying = asItLies(graph, x);
  lying.place(y, cut(graph, lying, ranges));
};

/** x, begin, end, strides, with masks of axes that are taken whole or dropped. */
const stridedSlice: Convert = (graph, op) => {
  const [x, y] = [input(op), output(op)];
  for (const mask of ['ellipsis_mask', 'new_axis_mask'])
    if (number(op, mask, 0) !== 0) throw unsupported(op, `its ${mask} is not written`);
  const masked = (mask: string, axis: number): boolean => ((number(op, mask, 0) >> axis) & 1) === 1;
  const [begin, end, strides] = [graph.integers(op, 1), graph.integers(op, 2), graph.integers(op, 3)];
  const ranges = begin.map((value, axis): Range => {
    const step = strides[axis] as number;
    const single = masked('shrink_axis_mask', axis);
    const start = masked('begin_mask', axis) && !single ? (step > 0 ? 0 : END) : value;
    const stop = single
      ? value === -1
        ? END
        : value + 1
      : masked('end_mask', axis)
        ? step > 0
          ? END
          : -END
        : (end[axis] as number);
    return { axis, start, end: stop, step: single ? 1 : step };
  });
  const partial = ranges.filter(({ start, end: stop, step }) => !(start === 0 && stop === END && step === 1));
  if (partial.some(({ axis }) => (graph.shape(x)[axis] as number) < 0)) throw batchCut(op);
  const dropped = begin.flatMap((_, axis) => (masked('shrink_axis_mask', axis) ? [axis] : []));
  if (dropped.length === 0) {
    const lying = asItLies(graph, x);
    return lying.place(y, cut(graph, lying, partial));
  }
  const inOrder = { name: graph.last(x), axis: (axis: number): number => axis };
  graph.setLast(y, graph.node('Squeeze', [cut(graph, inOrder, partial), graph.ints(dropped)]));
};

/** Ops that take a part. */
export const cutting: Readonly<Record<string, Convert>> = { Slice: slice, StridedSlice: stridedSlice };
