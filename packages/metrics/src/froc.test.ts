import { describe, expect, test } from 'vitest';
import { frocCurve, frocScore, poolFroc, prepareFroc, sensitivityAt, type FrocPool } from './froc.js';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';
import type { DetectionImage } from './prepare-detections.js';

interface Numbers {
  alarms: number[] | null;
  sensitivity: number[] | null;
  score: number | null;
}

interface Case {
  name: string;
  images: DetectionImage[];
  weights: number[];
  centre: Numbers;
  iou: Numbers;
  centreWeighted: number | null;
}

function expectFroc(pool: FrocPool, { alarms, sensitivity, score }: Numbers): void {
  const curve = frocCurve(pool);
  expect(curve?.alarms.length).toBe(alarms?.length);
  alarms?.forEach((wanted, i) => {
    expectNumber(curve!.alarms[i], wanted, `false alarms ${i}`);
    expectNumber(curve!.sensitivity[i], sensitivity![i], `sensitivity ${i}`);
  });
  expectNumber(frocScore(pool), score, 'score');
}

describe.each(readGolden<Case[]>('froc'))('$name', ({ images, weights, centre, iou, centreWeighted }) => {
  const byCentre = poolFroc(images.map((image) => prepareFroc(image, 'centre')));

  test('by the centre, MONAI', () => {
    expectFroc(byCentre, centre);
    expectNumber(frocScore(byCentre, Uint16Array.from(weights)), centreWeighted, 'weighted');
  });

  test('by IoU, assigned by numpy, curve by MONAI', () => {
    expectFroc(poolFroc(images.map((image) => prepareFroc(image, 0.4))), iou);
  });
});

test('a second prediction on a box counts neither way; sensitivity is linear between points', () => {
  const image = {
    truth: [0, 0, 10, 10, 30, 30, 10, 10],
    predicted: [0, 0, 10, 10, 60, 60, 5, 5, 0, 0, 10, 9, 30, 30, 10, 10],
    scores: [0.9, 0.8, 0.7, 0.6],
  };
  const curve = frocCurve(poolFroc([prepareFroc(image)]))!;
  expect(curve).toEqual({ alarms: [0, 0, 1, 1], sensitivity: [0, 0.5, 0.5, 1] });
  expect(sensitivityAt(curve, 0)).toBe(0.5);
  expect(sensitivityAt(curve, 0.5)).toBe(0.5);
  expect(sensitivityAt(curve, 1)).toBe(1);
  expect(sensitivityAt(curve, 9)).toBe(1);
});

test('bad arguments are refused', () => {
  const image = { truth: [0, 0, 1, 1], predicted: [0, 0, 1, 1], scores: [1] };
  for (const hit of [0, 1.1, NaN]) {
    expect(() => prepareFroc(image, hit)).toThrow(expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }));
  }
  expect(() => frocScore(poolFroc([prepareFroc(image)]), new Uint8Array(2))).toThrow(
    expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }),
  );
});
