import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { camBox, camBoxIou } from './cam-box.js';
import { pointingGame } from './pointing-game.js';

interface Case {
  readonly width: number;
  readonly height: number;
  readonly values: number[];
  readonly share: number;
  readonly box: number[];
  readonly area: number;
}
const cases = JSON.parse(readFileSync(new URL('golden/cam.json', import.meta.url), 'utf8')) as Case[];
const map = (rows: number[][]) => ({ values: rows.flat(), width: rows[0]!.length, height: rows.length });
const zeros = map([
  [0, 0],
  [0, 0],
]);

test('the box of a map equals SciPy’s largest part', () => {
  for (const { share, box, area, ...record } of cases) {
    const found = camBox(record, share)!;
    expect([found.x, found.y, found.width, found.height, found.area]).toEqual([...box, area]);
  }
});

describe('pointing game', () => {
  const peaked = map([
    [0, 0, 0, 0.5],
    [0, 1, 1, 0],
    [0, 1, 1, 0],
    [0.9, 0, 0, 0],
  ]);
  test('the point is the middle of the pixels that hold the maximum, here 2, 2', () => {
    expect(pointingGame(peaked, [2, 2, 1, 1])).toBe(true);
    expect(pointingGame(peaked, [2.1, 2, 1, 1])).toBe(false);
    expect(pointingGame(peaked, [0, 0, 1.9, 4])).toBe(false);
    expect(pointingGame(peaked, [0, 0, 1, 1, 1, 1, 2, 2]), 'any box will do').toBe(true);
  });
  test('tolerance is a distance, to corners too', () => {
    expect(pointingGame(peaked, [2.1, 0, 1, 4], 0.1 + 1e-9)).toBe(true);
    expect(pointingGame(peaked, [3, 3, 1, 1], 1.41)).toBe(false);
    expect(pointingGame(peaked, [3, 3, 1, 1], 1.42)).toBe(true);
  });
  test('a map of zeros misses', () => expect(pointingGame(zeros, [0, 0, 2, 2])).toBe(false));
});

test('IoU with the box that fits best; zeros have none', () => {
  const record = map([
    [1, 0.6, 0],
    [0.5, 0.2, 0],
    [0, 0, 0.7],
  ]);
  expect(camBoxIou(record, [0, 0, 2, 2])).toBe(1);
  expect(camBoxIou(record, [0, 0, 3, 2, 1, 1, 2, 2])).toBeCloseTo(4 / 6, 12);
  expect(camBoxIou(record, [0, 0, 1, 1], 0.8)).toBe(1);
  expect(camBoxIou(zeros, [0, 0, 2, 2])).toBe(0);
});

test('what no number could be computed from is refused', () => {
  const code = (value: string): unknown => expect.objectContaining({ code: value });
  expect(() => pointingGame(zeros, [])).toThrow(code('METRICS_BOX_INVALID'));
  expect(() => pointingGame({ ...zeros, width: 3 }, [0, 0, 1, 1])).toThrow(code('METRICS_LENGTH_MISMATCH'));
  expect(() => pointingGame(zeros, [0, 0, 1, 1], -1)).toThrow(code('METRICS_OPTION_INVALID'));
  expect(() => camBoxIou(zeros, [0, 0, 1, 1], 0)).toThrow(code('METRICS_OPTION_INVALID'));
  expect(() => camBox({ values: [Number.NaN], width: 1, height: 1 })).toThrow(code('METRICS_SCORE_INVALID'));
});
