import type { RecordedData, RecordedOp } from '@multichexnet/core';
import { ElementType, type ElementTypeName } from '../../model/onnx-model.js';
import { asItLies } from '../as-it-lies.js';
import { batchCut, input, number, output, type Convert } from '../converter.js';
import { TO_FIRST, unsupported, type Graph } from '../graph.js';
import type { Dim } from '../symbolic.js';

/** The same values in another shape: a constant stays one, and a shape that is kept needs no node. */
const reshape: Convert = (graph, op) => {
  const [x, y] = [input(op), output(op)];
  const [from, to] = [graph.shape(x), graph.shape(y)];
  const { data, varies } = graph.value(x);
  if (from.join() === to.join()) graph.alias(y, x);
  else if (data !== undefined && !varies) graph.fold(y, data);
  else graph.setLast(y, graph.reshape(graph.last(x), from, to));
};

const same: Convert = (graph, op) => graph.alias(output(op), input(op));

const cast: Convert = (graph, op) => {
  const [x, y] = [input(op), output(op)];
  const [from, to] = [graph.dtype(x), graph.dtype(y)];
  if (from === to) return graph.alias(y, x);
  const { data, varies } = graph.value(x);
  if (data !== undefined && !varies) return graph.fold(y, converted(data, to));
  const lying = asItLies(graph, x);
  lying.place(y, graph.node('Cast', [lying.name], { to: { int: ElementType[to] } }));
};

function converted(data: RecordedData, to: ElementTypeName): RecordedData {
  const values = Array.from(data as ArrayLike<number | bigint>, Number);
  if (to === 'float32') return Float32Array.from(values);
  if (to === 'bool') return Uint8Array.from(values, (value) => Number(value !== 0));
  if (to === 'int64') return BigInt64Array.from(values, (value) => BigInt(Math.trunc(value)));
  return (to === 'int32' ? Int32Array : Uint8Array).from(values);
}

/** dims, value -> a tensor that is equal everywhere: a constant, whatever its size. */
const fill: Convert = (graph, op) => {
  const value = graph.data(input(op, 1));
  if (value === undefined) {
    const dims = graph.shapeTensor(graph.shape(output(op)));
    return graph.setLast(output(op), graph.node('Expand', [graph.last(input(op, 1)), dims]));
  }
  graph.fold(output(op), value);
};

const like =
  (value: number): Convert =>
  (graph, op) =>
    graph.fold(output(op), converted(Float32Array.of(value), graph.dtype(output(op))));

const normal = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

function join(graph: Graph, op: RecordedOp, parts: readonly number[], axis: number): void {
  const y = output(op);
  if (graph.rank(y) === 4 && parts.some((id) => graph.prefersFirst(id))) {
    const names = parts.map((id) => graph.first(id));
    return graph.setFirst(y, graph.node('Concat', names, { axis: { int: TO_FIRST.indexOf(axis) } }));
  }
  graph.setLast(y, graph.node('Concat', parts.map((id) => graph.last(id)), { axis: { int: axis } })); // prettier-ignore
}

/** Tensors, then the axis. */
const concat: Convert = (graph, op) => {
  const [axis] = graph.integers(op, op.inputs.length - 1) as [number];
  // tfjs makes gradients and padding with parts of no elements.
  const parts = op.inputs.slice(0, -1).filter((id) => !graph.shape(id).includes(0));
  if (parts.length === 1) return graph.alias(output(op), parts[0] as number);
  join(graph, op, parts.length === 0 ? op.inputs.slice(0, -1) : parts, normal(axis, graph.rank(output(op))));
};

const pack: Convert = (graph, op) => {
  const axis = normal(number(op, 'axis', 0), graph.rank(output(op)));
  const names = op.inputs.map((id) => graph.node('Unsqueeze', [graph.last(id), graph.ints([axis])]));
  graph.setLast(output(op), graph.node('Concat', names, { axis: { int: axis } }));
};

function split(graph: Graph, op: RecordedOp, x: number, given: number): void {
  const axis = normal(given, graph.rank(x));
  const sizes = op.outputs.map((id) => graph.shape(id)[axis] as number);
  if (sizes.some((size) => size < 0)) throw batchCut(op);
  const lying = asItLies(graph, x);
  const parts = graph.nodeOf(
    'Split',
    [lying.name, graph.ints(sizes)],
    { axis: { int: lying.axis(axis) } },
    sizes.length,
  );
  parts.forEach((part, i) => lying.place(output(op, i), part));
}

/** Slices along an axis, which is gone from them. */
const unpack: Convert = (graph, op) => {
  const axis = normal(number(op, 'axis', 0), graph.rank(input(op)));
  if ((graph.shape(input(op))[axis] as number) < 0) throw batchCut(op);
  const sizes = graph.ints(op.outputs.map(() => 1));
  const parts = graph.nodeOf('Split', [graph.last(input(op)), sizes], { axis: { int: axis } }, op.outputs.length);
  parts.forEach((part, i) => graph.setLast(output(op, i), graph.node('Squeeze', [part, graph.ints([axis])])));
};

const transpose: Convert = (graph, op) => {
  const perm = graph.integers(op, 1);
  if (perm.every((axis, i) => axis === i)) return graph.alias(output(op), input(op));
  graph.setLast(output(op), graph.node('Transpose', [graph.last(input(op))], { perm: { ints: perm } }));
};

const tile: Convert = (graph, op) => {
  const [x, y] = [input(op), output(op)];
  const [from, to] = [graph.shape(x), graph.shape(y)];
  if (from.join() === to.join()) return graph.alias(y, x);
  const lying = asItLies(graph, x);
  // Axes of one element are broadcast, to any size; 1 leaves an axis as it is.
  const broadcast = from.every((dim, axis) => dim === to[axis] || dim === 1);
  const dims = from.map((dim, axis) => (dim === to[axis] ? 1 : (to[axis] as Dim)));
  const name = broadcast
    ? graph.node('Expand', [lying.name, graph.shapeTensor(lying.order(dims))])
    : graph.node('Tile', [lying.name, graph.ints(lying.order(graph.integers(op, 1)))]);
  lying.place(y, name);
};

/** params, indices, axis */
const gather: Convert = (graph, op) => {
  if (number(op, 'batch_dims', 0) !== 0) throw unsupported(op, 'batch_dims other than 0 are not written');
  const axis = { int: normal(graph.integers(op, 2)[0] as number, graph.rank(input(op))) };
  graph.setLast(output(op), graph.node('Gather', [graph.last(input(op)), graph.last(input(op, 1))], { axis }));
};

/** Blocks of channels become blocks of pixels, channel by channel of the result last. */
const depthToSpace: Convert = (graph, op) => {
  const attributes = { blocksize: { int: number(op, 'block_size', 2) }, mode: { string: 'DCR' } };
  graph.setFirst(output(op), graph.node('DepthToSpace', [graph.first(input(op))], attributes));
};

/** Ops that move values without changing them. */
export const shapes: Readonly<Record<string, Convert>> = {
  Identity: same,
  ReadVariableOp: same,
  StopGradient: same,
  PreventGradient: same,
  Snapshot: same,
  Reshape: reshape,
  ExpandDims: reshape,
  Squeeze: reshape,
  Cast: cast,
  Fill: fill,
  ZerosLike: like(0),
  OnesLike: like(1),
  ConcatV2: concat,
  Pack: pack,
  Unpack: unpack,
  Split: (graph, op) => split(graph, op, input(op, 1), graph.integers(op, 0)[0] as number),
  SplitV: (graph, op) => split(graph, op, input(op), graph.integers(op, 2)[0] as number),
  Transpose: transpose,
  Tile: tile,
  GatherV2: gather,
  DepthToSpace: depthToSpace,
};
