import type { RecordedOp } from '@multichexnet/core';
import { numbers, text } from './converter.js';
import type { Edged, Graph } from './graph.js';

/** Image axes and channel axis of a value of rank 4. */
interface Layout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}
const LAST: Layout = { height: 1, width: 2, channels: 3 };
const FIRST: Layout = { height: 2, width: 3, channels: 1 };

/** An op on images, as ONNX wants it: channels first, whatever order TensorFlow had. */
export interface ImageOp {
  readonly layout: Layout;
  readonly first: boolean;
  image(id: number): string;
  place(id: number, name: string): void;
  /** The pair of an attribute that TensorFlow gives for all four axes. */
  pair(name: string): [number, number];
  size(id: number): [number, number];
  channels(id: number): number;
}

export function imageOp(graph: Graph, op: RecordedOp): ImageOp {
  const first = text(op, 'data_format') === 'NCHW';
  const layout = first ? FIRST : LAST;
  return {
    layout,
    first,
    image: (id) => (first ? graph.last(id) : graph.first(id)),
    place: (id, name) => (first ? graph.setLast(id, name) : graph.setFirst(id, name)),
    pair: (name) => {
      const values = numbers(op, name) ?? [1, 1, 1, 1];
      return [values[layout.height] as number, values[layout.width] as number];
    },
    size: (id) => [graph.shape(id)[layout.height] as number, graph.shape(id)[layout.width] as number],
    channels: (id) => graph.shape(id)[layout.channels] as number,
  };
}

export type Pads = readonly [top: number, left: number, bottom: number, right: number];

/** TensorFlow's paddings in numbers; of an odd sum the larger part comes behind. */
export function padsOf(
  op: RecordedOp,
  io: ImageOp,
  size: readonly [number, number],
  window: readonly [number, number],
): Pads {
  const { layout } = io;
  const padding = text(op, 'padding');
  if (padding === 'EXPLICIT') {
    const all = numbers(op, 'explicit_paddings') ?? [];
    const of = (axis: number, side: number): number => all[2 * axis + side] ?? 0;
    return [of(layout.height, 0), of(layout.width, 0), of(layout.height, 1), of(layout.width, 1)];
  }
  if (padding !== 'SAME') return [0, 0, 0, 0];
  const strides = io.pair('strides');
  const total = [0, 1].map((i) => {
    const steps = Math.ceil((size[i] as number) / (strides[i] as number)) - 1;
    return Math.max(steps * (strides[i] as number) + (window[i] as number) - (size[i] as number), 0);
  }) as [number, number];
  return beforeAndAfter(total);
}

/** Half of each sum in front, the larger half behind. */
export const beforeAndAfter = ([height, width]: readonly [number, number]): Pads => [
  Math.floor(height / 2),
  Math.floor(width / 2),
  Math.ceil(height / 2),
  Math.ceil(width / 2),
];

/** Pixels that a kernel spans. */
export const reach = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** An image without the edge that was put around it, where `takes` says that the op can put one of that value itself. */
export function withoutEdge(
  graph: Graph,
  name: string,
  takes: (edged: Edged) => boolean,
): { readonly image: string; readonly pads: Pads } {
  const edged = graph.edged.get(name);
  return edged !== undefined && takes(edged) ? edged : { image: name, pads: [0, 0, 0, 0] };
}

export const sum = (a: Pads, b: Pads): Pads => [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
