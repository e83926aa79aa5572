import type { RecordedOp } from '@multichexnet/core';
import { input, number, output, text, type Convert } from '../converter.js';
import { TO_FIRST, unsupported, type Graph } from '../graph.js';
import { OnnxError } from '../../errors.js';

/** "To the end" and "to the very beginning", as ONNX's Slice has it. */
const END = Number.MAX_SAFE_INTEGER;

interface Range {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function cut(graph: Graph, x: number, ranges: readonly Range[]): { name: string; first: boolean } {
  const first = graph.rank(x) === 4 && graph.prefersFirst(x);
  const name = first ? graph.first(x) : graph.last(x);
  if (ranges.length === 0) return { name, first };
  const lists = [
    ranges.map(({ start }) => start),
    ranges.map(({ end }) => end),
    ranges.map(({ axis }) => (first ? TO_FIRST.indexOf(axis) : axis)),
    ranges.map(({ step }) => step),
  ];
  return { name: graph.node('Slice', [name, ...lists.map((list) => graph.ints(list))]), first };
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
  const { name, first } = cut(graph, x, ranges);
  if (first) graph.setFirst(y, name);
  else graph.setLast(y, name);
};

const batchCut = (op: RecordedOp): OnnxError =>
  new OnnxError('ONNX_BATCH', `${op.type}: the network cuts a part out of the batch; export it for one batch size`);

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
  const { name, first } = cut(graph, x, partial);
  const dropped = begin.flatMap((_, axis) => (masked('shrink_axis_mask', axis) ? [axis] : []));
  if (dropped.length === 0) {
    if (first) graph.setFirst(y, name);
    else graph.setLast(y, name);
    return;
  }
  const plain = first ? graph.node('Transpose', [name], { perm: { ints: [0, 2, 3, 1] } }) : name;
  graph.setLast(y, graph.node('Squeeze', [plain, graph.ints(dropped)]));
};

/** x, paddings [rank, 2], value */
const pad =
  (mode: (op: RecordedOp) => string): Convert =>
  (graph, op) => {
    const [x, y] = [input(op), output(op)];
    const rank = graph.rank(x);
    const flat = graph.integers(op, 1);
    const all = Array.from(
      { length: rank },
      (_, axis) => [flat[2 * axis] as number, flat[2 * axis + 1] as number] as const,
    );
    if (all.every(([before, after]) => before === 0 && after === 0)) return graph.alias(y, x);
    const first = rank === 4 && graph.prefersFirst(x);
    const pads = first ? TO_FIRST.map((axis) => all[axis] as readonly [number, number]) : all;
    const name = first ? graph.first(x) : graph.last(x);
    const how = mode(op);
    const result =
      how === 'symmetric'
        ? mirrored(
            graph,
            name,
            pads,
            first ? TO_FIRST.map((axis) => graph.shape(x)[axis] as number) : graph.shape(x),
            op,
          )
        : graph.node(
            'Pad',
            [
              name,
              graph.ints([...pads.map(([before]) => before), ...pads.map(([, after]) => after)]),
              ...(op.inputs.length > 2 ? [graph.last(input(op, 2))] : []),
            ],
            { mode: { string: how } },
          );
    if (first) graph.setFirst(y, result);
    else graph.setLast(y, result);
  };

/** Mirrors with the edge itself repeated, which ONNX's Pad does not know: picks rows by number, axis by axis. */
function mirrored(
  graph: Graph,
  x: string,
  pads: readonly (readonly [number, number])[],
  shape: readonly number[],
  op: RecordedOp,
): string {
  return pads.reduce((name, [before, after], axis) => {
    if (before === 0 && after === 0) return name;
    const size = shape[axis] as number;
    if (size < 0) throw batchCut(op);
    const rows = [
      ...Array.from({ length: before }, (_, i) => before - 1 - i),
      ...Array.from({ length: size }, (_, i) => i),
      ...Array.from({ length: after }, (_, i) => size - 1 - i),
    ];
    return graph.node('Gather', [name, graph.ints(rows)], { axis: { int: axis } });
  }, x);
}

const constant = (): string => 'constant';

/** Ops that take parts away or put edges on. */
export const cutting: Readonly<Record<string, Convert>> = {
  Slice: slice,
  StridedSlice: stridedSlice,
  Pad: pad(constant),
  PadV2: pad(constant),
  MirrorPad: pad((op) => (text(op, 'mode') === 'SYMMETRIC' ? 'symmetric' : 'reflect')),
};
