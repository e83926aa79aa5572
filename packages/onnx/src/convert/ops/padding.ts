import type { RecordedOp } from '@multichexnet/core';
import { asItLies } from '../as-it-lies.js';
import { batchCut, input, output, text, type Convert } from '../converter.js';
import type { Graph } from '../graph.js';
import type { Dim } from '../symbolic.js';

type Edge = readonly [before: number, after: number];

/** Paddings [rank, 2] as an edge for every axis. */
function edgesOf(graph: Graph, op: RecordedOp): Edge[] {
  const flat = graph.integers(op, 1);
  return Array.from({ length: flat.length / 2 }, (_, axis) => [flat[2 * axis] as number, flat[2 * axis + 1] as number]);
}

const flat = (graph: Graph, edges: readonly Edge[]): string =>
  graph.ints([...edges.map(([before]) => before), ...edges.map(([, after]) => after)]);

/** x, paddings, and a value that is 0 where it is not given. */
const constant: Convert = (graph, op) => {
  const [x, y] = [input(op), output(op)];
  const edges = edgesOf(graph, op);
  if (edges.every(([before, after]) => before === 0 && after === 0)) return graph.alias(y, x);
  const lying = asItLies(graph, x);
  const given = op.inputs[2];
  const inputs = [lying.name, flat(graph, lying.order(edges)), ...(given === undefined ? [] : [graph.last(given)])];
  const name = graph.node('Pad', inputs, { mode: { string: 'constant' } });
  lying.place(y, name);
  const value = given === undefined ? 0 : Number(graph.data(given)?.[0]);
  const [batch, [top, bottom], [left, right], channels] = [edges[0], edges[1] ?? [0, 0], edges[2] ?? [0, 0], edges[3]];
  const imageAlone = edges.length === 4 && batch?.join() === '0,0' && channels?.join() === '0,0';
  if (imageAlone && lying.axis(1) === 2)
    graph.edged.set(name, { image: lying.name, value, pads: [top, left, bottom, right] });
};

const mirror: Convert = (graph, op) => {
  const [x, y] = [input(op), output(op)];
  const lying = asItLies(graph, x);
  const edges = lying.order(edgesOf(graph, op));
  if (text(op, 'mode') === 'SYMMETRIC')
    return lying.place(y, symmetric(graph, op, lying.name, edges, lying.order(graph.shape(x))));
  lying.place(y, graph.node('Pad', [lying.name, flat(graph, edges)], { mode: { string: 'reflect' } }));
};

/** Mirrors with the edge itself repeated, which ONNX's Pad does not know: picks rows by number, axis by axis. */
function symmetric(graph: Graph, op: RecordedOp, x: string, edges: readonly Edge[], shape: readonly Dim[]): string {
  return edges.reduce((name, [before, after], axis) => {
    if (before === 0 && after === 0) return name;
    const size = shape[axis] as Dim;
    if (size < 0) throw batchCut(op);
    const rows = [
      ...Array.from({ length: before }, (_, i) => before - 1 - i),
      ...Array.from({ length: size }, (_, i) => i),
      ...Array.from({ length: after }, (_, i) => size - 1 - i),
    ];
    return graph.node('Gather', [name, graph.ints(rows)], { axis: { int: axis } });
  }, x);
}

/** Ops that put an edge around a tensor. */
export const padding: Readonly<Record<string, Convert>> = { Pad: constant, PadV2: constant, MirrorPad: mirror };
