import { createRandom } from '@multichexnet/imaging';
import { expect, test } from 'vitest';
import { fitAnchors, meanBestIou, resolveAnchors } from './anchors.js';
import { det } from './plugin.js';

const clusters = [
  [10, 20],
  [30, 30],
  [60, 25],
] as const;
const random = createRandom(1, 'boxes');
const boxes = clusters.flatMap(([width, height]) =>
  Array.from({ length: 40 }, () => ({
    x: 0,
    y: 0,
    width: width * random.uniform(0.9, 1.1),
    height: height * random.uniform(0.9, 1.1),
  })),
);

test('k-means finds the clusters, whatever the seed, sorted by area', () => {
  for (const seed of [1, 2, 3]) {
    const anchors = fitAnchors(boxes, 3, seed)!;
    anchors.forEach(([width, height], i) => {
      expect(Math.abs(width / clusters[i]![0] - 1)).toBeLessThan(0.05);
      expect(Math.abs(height / clusters[i]![1] - 1)).toBeLessThan(0.05);
    });
    expect(meanBestIou(boxes, anchors)).toBeGreaterThan(0.85);
  }
  expect(fitAnchors(boxes, 3, 1)).toEqual(fitAnchors(boxes, 3, 1));
});

test('too few different boxes fit nothing; the reference’s five scale with the input, other counts are an error', () => {
  expect(fitAnchors([boxes[0]!, boxes[0]!], 2, 1)).toBeUndefined();
  expect(resolveAnchors(5, 256)[0]).toEqual([expect.closeTo(34.56, 6), expect.closeTo(38.08, 6)]);
  expect(() => resolveAnchors(3, 256)).toThrow(expect.objectContaining({ code: 'DET_ANCHORS_NOT_FITTED' }));
});

test('fit completes the options from the training labels and leaves given anchors alone', () => {
  const context = { inputSize: 64, seed: 1 };
  const options = {
    anchors: 3,
    channels: 8,
    objectness: true,
    objectnessLoss: 'focal',
    coordScale: 5,
    noObjectIou: 0.6,
    batchNormMomentum: 0.99,
    scoreThreshold: 0.1,
    nms: 0.5,
  } as const;
  expect(det.fit!(options, [boxes.slice(0, 60), [], boxes.slice(60)], context).anchors).toEqual(
    fitAnchors(boxes, 3, 1),
  );
  const given = { ...options, anchors: [[1, 2] as [number, number]] };
  expect(det.fit!(given, [boxes], context)).toBe(given);
});
