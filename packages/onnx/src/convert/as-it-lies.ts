import { TO_FIRST, type Graph } from './graph.js';

/** A value in the order of axes in which it lies already, for ops that work in either. */
export interface Lying {
  readonly name: string;
  /** An axis of TensorFlow's order in this one. */
  axis(axis: number): number;
  /** What is given axis by axis, in this order. */
  order<T>(perAxis: readonly T[]): readonly T[];
  /** Names a result that lies the same way. */
  place(id: number, name: string): void;
}

export function asItLies(graph: Graph, id: number): Lying {
  if (graph.rank(id) === 4 && graph.prefersFirst(id))
    return {
      name: graph.first(id),
      axis: (axis) => TO_FIRST.indexOf(axis),
      order: (perAxis) => TO_FIRST.map((axis) => perAxis[axis] as never),
      place: (result, name) => graph.setFirst(result, name),
    };
  return {
    name: graph.last(id),
    axis: (axis) => axis,
    order: (perAxis) => perAxis,
    place: (result, name) => graph.setLast(result, name),
  };
}
