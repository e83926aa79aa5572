import { expect, test } from 'vitest';
import { assignTargets, TARGET_VALUES } from './assign-targets.js';
import { createGrid } from './grid.js';

const grid = createGrid(64, 16, [
  [16, 16],
  [32, 32],
]);
const options = { objectness: true, noObjectIou: 0.6 };
const at = (target: Float32Array, row: number, column: number, anchor: number): number[] =>
  [...target.subarray(((row * 4 + column) * 2 + anchor) * TARGET_VALUES).subarray(0, TARGET_VALUES)].map(
    (v) => Math.round(v * 1e4) / 1e4 + 0,
  );
const objects = (target: Float32Array): number =>
  target.filter((_, i) => i % TARGET_VALUES === 4).reduce((a, b) => a + b, 0);

test('a box goes to the cell of its centre and the anchor of its shape', () => {
  const target = assignTargets([{ x: 20, y: 36, width: 32, height: 20 }], grid, options); // centre (36, 46): column 2, row 2
  expect(objects(target)).toBe(1);
  expect(at(target, 2, 2, 1)).toEqual([0.25, 0.875, 0, -0.47, 1, 1]); // log(20 / 32)
});

test('eq. 5 alone: sides as ratios to the anchor', () => {
  const target = assignTargets([{ x: 8, y: 8, width: 24, height: 32 }], grid, { ...options, objectness: false });
  expect(at(target, 1, 1, 1)).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
});

test('two boxes in one cell take different anchors; a third is left out; the largest comes first', () => {
  const box = (side: number) => ({ x: 24 - side / 2, y: 24 - side / 2, width: side, height: side });
  const target = assignTargets([box(10), box(30), box(40)], grid, options);
  expect(objects(target)).toBe(2);
  expect(at(target, 1, 1, 1)[2]).toBeCloseTo(Math.log(40 / 32), 3);
  expect(at(target, 1, 1, 0)[2]).toBeCloseTo(Math.log(30 / 16), 3);
});

test('an anchor without a box that overlaps one is no negative; all others are', () => {
  const box = { x: 17, y: 24, width: 32, height: 32 }; // centre (33, 40): column 2, row 2
  const target = assignTargets([box], grid, { ...options, noObjectIou: 0.5 });
  expect(at(target, 2, 2, 1).slice(4)).toEqual([1, 1]);
  expect(at(target, 2, 1, 1).slice(4)).toEqual([0, 0]); // its anchor is 9 pixels away: IoU 736 / 1312
  expect(at(target, 2, 1, 0).slice(4)).toEqual([0, 1]);
  expect(at(assignTargets([box], grid, options), 2, 1, 1).slice(4)).toEqual([0, 1]); // below .6
});

test('no box: every anchor is a negative; boxes at the border and without extent do no harm', () => {
  const none = assignTargets([], grid, options);
  expect(objects(none)).toBe(0);
  expect(none.filter((_, i) => i % TARGET_VALUES === 5).every((c) => c === 1)).toBe(true);
  const edge = assignTargets(
    [
      { x: 60, y: 60, width: 8, height: 8 },
      { x: 3, y: 3, width: 0, height: 5 },
    ],
    grid,
    options,
  ); // centre on the border
  expect(objects(edge)).toBe(1);
  expect(edge.every(Number.isFinite)).toBe(true);
});
