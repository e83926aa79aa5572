import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assignTargets, TARGET_VALUES } from './assign-targets.js';
import { decode, suppress } from './decode.js';
import { createGrid, OBJECT_PRIOR_LOGIT } from './grid.js';

const grid = createGrid(64, 16, [
  [12, 20],
  [30, 30],
]);
const options = { objectness: true, scoreThreshold: 0.5, nms: 0.5 };
const geometry = { inputSize: 64, width: 640, height: 320 };

/** Raw outputs that say exactly what the targets say. */
const perfect = (target: Float32Array): Float32Array => {
  const raw: number[] = [];
  for (let at = 0; at < target.length; at += TARGET_VALUES) {
    const [x, y, w, h, object] = target.subarray(at, at + 5) as unknown as [number, number, number, number, number];
    const logit = (p: number): number => Math.log(p / (1 - p));
    raw.push(
      object === 1 ? logit(x) : 0,
      object === 1 ? logit(y) : 0,
      w,
      h,
      (object === 1 ? 4 : -6) - OBJECT_PRIOR_LOGIT,
    );
  }
  return Float32Array.from(raw);
};

test('what encode makes, decode reads back, in the original image’s pixels', () => {
  const boxes = [
    { x: 3, y: 5, width: 11, height: 19 },
    { x: 30, y: 28, width: 25, height: 33 },
  ];
  const decoded = decode(
    perfect(assignTargets(boxes, grid, { objectness: true, noObjectIou: 0.6 })),
    grid,
    options,
    geometry,
  ).boxes;
  expect(decoded).toHaveLength(2);
  const sorted = [...decoded].sort((a, b) => a.x - b.x);
  boxes.forEach((box, i) => {
    expect(sorted[i]!.x).toBeCloseTo(box.x * 10, 2);
    expect(sorted[i]!.y).toBeCloseTo(box.y * 5, 2);
    expect(sorted[i]!.width).toBeCloseTo(box.width * 10, 2);
    expect(sorted[i]!.height).toBeCloseTo(box.height * 5, 2);
    expect(sorted[i]!.score).toBeCloseTo(1 / (1 + Math.exp(-4)), 5);
  });
});

test('where borders were cut off, boxes find back to their place in the film', () => {
  const box = { x: 30, y: 28, width: 25, height: 33 };
  const raw = perfect(assignTargets([box], grid, { objectness: true, noObjectIou: 0.6 }));
  const shown = { x: 100, y: 20, width: 320, height: 256 };
  const [found] = decode(raw, grid, options, { ...geometry, shown }).boxes;
  expect(found!.x).toBeCloseTo(100 + box.x * 5, 2);
  expect(found!.y).toBeCloseTo(20 + box.y * 4, 2);
  expect(found!.width).toBeCloseTo(box.width * 5, 2);
  expect(found!.height).toBeCloseTo(box.height * 4, 2);
});

test('boxes are clipped to the image, and extreme outputs stay finite', () => {
  const raw = new Float32Array(4 * 4 * 2 * 5);
  raw.set([-50, -50, 90, 90, 20]);
  const { boxes } = decode(raw, grid, options, geometry);
  expect(boxes).toEqual([{ x: 0, y: 0, width: 640, height: 320, score: expect.closeTo(1, 5) as number }]);
});

test('below the score threshold nothing is reported', () => {
  expect(decode(new Float32Array(4 * 4 * 2 * 5), grid, options, geometry).boxes).toEqual([]);
});

test('non-maximum suppression equals torchvision', () => {
  const { boxes, scores, keep } = JSON.parse(readFileSync(new URL('golden/nms.json', import.meta.url), 'utf8')) as {
    boxes: [number, number, number, number][];
    scores: number[];
    keep: number[];
  };
  const sorted = boxes
    .map(([x, y, width, height], i) => ({ x, y, width, height, score: scores[i]! }))
    .sort((a, b) => b.score - a.score);
  expect(suppress(sorted, 0.5).map(({ score }) => scores.indexOf(score))).toEqual(keep);
});
