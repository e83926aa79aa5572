import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';
import { maskDice, maskIou, maskOverlap, meanDice, meanIou, scoreMasks } from './mask-overlap.js';

interface Case {
  name: string;
  prediction: number[];
  truth: number[];
  dice: number;
  iou: number;
}

const cases = readGolden<Case[]>('masks');

describe.each(cases)('scikit-learn, $name', (golden) => {
  test('Dice and IoU', () => {
    const overlap = maskOverlap(Uint8Array.from(golden.prediction), Uint8Array.from(golden.truth));
    expectNumber(maskDice(overlap), golden.dice, 'Dice');
    expectNumber(maskIou(overlap), golden.iou, 'IoU');
  });
});

test('means over images: all, and those with a true mask apart', () => {
  const scores = scoreMasks(cases.map((c) => maskOverlap(c.prediction, c.truth)));
  const positives = cases.filter((c) => c.truth.includes(1));
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expectNumber(meanDice(scores).all, mean(cases.map((c) => c.dice)), 'all');
  expectNumber(meanDice(scores).positives, mean(positives.map((c) => c.dice)), 'positives');
  expectNumber(meanIou(scores).all, mean(cases.map((c) => c.iou)), 'all');
  const first = Uint16Array.from(cases, (_, i) => (i === 0 ? 3 : i === 4 ? 1 : 0));
  expectNumber(meanDice(scores, first).all, (3 * cases[0]!.dice + 1) / 4, 'weighted');
  expectNumber(meanDice(scores, first).positives, cases[0]!.dice, 'weighted positives');
});

test('no image and no positive image have no mean', () => {
  expect(meanDice(scoreMasks([]))).toEqual({ all: undefined, positives: undefined });
  const empty = scoreMasks([maskOverlap([0, 0], [0, 0])]);
  expect(meanDice(empty)).toEqual({ all: 1, positives: undefined });
});

test('probabilities are cut at the threshold, 0/255 masks need none', () => {
  expect(maskOverlap(Float32Array.of(0.2, 0.7, 0.5, 0.1), [0, 1, 1, 1], 0.5)).toEqual({
    predicted: 2,
    truth: 3,
    intersection: 2,
  });
  expect(maskOverlap(Uint8Array.of(255, 0), Uint8Array.of(255, 255))).toEqual({
    predicted: 1,
    truth: 2,
    intersection: 1,
  });
});

test('symmetric, in [0, 1], Dice = 2 IoU / (1 + IoU)', () => {
  const pixels = fc.array(fc.tuple(fc.nat(1), fc.nat(1)), { maxLength: 50 });
  fc.assert(
    fc.property(pixels, (pairs) => {
      const a = pairs.map((p) => p[0]);
      const b = pairs.map((p) => p[1]);
      const value = maskDice(maskOverlap(a, b));
      const union = maskIou(maskOverlap(a, b));
      expect(maskDice(maskOverlap(b, a))).toBe(value);
      expect(value >= 0 && value <= 1).toBe(true);
      expectNumber(value, (2 * union) / (1 + union), 'Dice from IoU');
    }),
  );
});

test('bad arguments are refused', () => {
  expect(() => maskOverlap([1], [1, 0])).toThrow(expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }));
  expect(() => maskOverlap([NaN], [1])).toThrow(expect.objectContaining({ code: 'METRICS_SCORE_INVALID' }));
  expect(() => maskOverlap([1], [1], NaN)).toThrow(expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }));
});
