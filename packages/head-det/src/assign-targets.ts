import type { InputBox } from '@multichexnet/core';
import { boxIou } from '@multichexnet/imaging';
import { extentIou } from './anchors.js';
import type { Grid } from './grid.js';

/** Values per anchor of the target: x, y, width, height, object, counted. */
export const TARGET_VALUES = 6;

export interface AssignOptions {
  readonly objectness: boolean;
  readonly noObjectIou: number;
}

/**
 * Targets of one image, row-major [rows, columns, K, 6]. Every box goes to the cell of its centre and there to the free anchor of the most similar shape, the
 * largest boxes first. Of that anchor: `x`, `y` the centre within the cell (0..1), `width`, `height` as log(side / anchor side) (with eq. 5 alone: side /
 * anchor side), `object` 1. `counted` is 1 where the score is to be learnt: everywhere but at anchors without a box that overlap one by more than
 * `noObjectIou`, which are neither right nor wrong.
 */
export function assignTargets(
  boxes: readonly InputBox[],
  grid: Grid,
  { objectness, noObjectIou }: AssignOptions,
): Float32Array {
  const { rows, columns, stride, anchors } = grid;
  const count = anchors.length;
  const target = new Float32Array(rows * columns * count * TARGET_VALUES);
  const valid = boxes.filter(({ width, height }) => width > 0 && height > 0);

  for (let cell = 0; cell < rows * columns; cell++) {
    const cx = ((cell % columns) + 0.5) * stride;
    const cy = (Math.floor(cell / columns) + 0.5) * stride;
    anchors.forEach(([width, height], a) => {
      const anchor = { x: cx - width / 2, y: cy - height / 2, width, height };
      const overlaps = valid.some((box) => boxIou(anchor, box) > noObjectIou);
      target[(cell * count + a) * TARGET_VALUES + 5] = overlaps ? 0 : 1;
    });
  }

  for (const box of [...valid].sort((a, b) => b.width * b.height - a.width * a.height)) {
    const x = (box.x + box.width / 2) / stride;
    const y = (box.y + box.height / 2) / stride;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(x)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(y)));
    const cell = row * columns + column;
    const free = anchors.map((_, a) => a).filter((a) => target[(cell * count + a) * TARGET_VALUES + 4] === 0);
    const shape = [box.width, box.height] as const;
    const best = free.sort((a, b) => extentIou(shape, anchors[b]!) - extentIou(shape, anchors[a]!))[0];
    if (best === undefined) continue; // more boxes in one cell than anchors: the smallest are left to their neighbours
    const [width, height] = anchors[best]!;
    const side = (ratio: number): number => (objectness ? Math.log(ratio) : ratio);
    const at = (cell * count + best) * TARGET_VALUES;
    target.set([x - column, y - row, side(box.width / width), side(box.height / height), 1, 1], at);
  }
  return target;
}
