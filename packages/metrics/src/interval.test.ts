import { expect, test } from 'vitest';
import { expectNumber } from './golden/expect-number.js';
import { bcaLevels, quantile } from './interval.js';

test('a quantile lies on the line between order statistics', () => {
  const sorted = Float64Array.of(1, 2, 4, 8);
  expect([0, 0.5, 1].map((p) => quantile(sorted, p))).toEqual([1, 3, 8]);
  expectNumber(quantile(sorted, 0.9), 4 + 0.7 * 4, '0.9 of four');
  expect(quantile(Float64Array.of(3), 0.4)).toBe(3);
  expect(quantile(Float64Array.of(-Infinity, -Infinity, 1), 0.25)).toBe(-Infinity);
});

test('BCa is the percentile interval where the resamples are balanced, ties at half, and nothing accelerates', () => {
  const [low, high] = bcaLevels(Float64Array.of(0, 1, 1, 2), 1, [1, 1, 1], 0.95);
  expectNumber(low, 0.025, 'low');
  expectNumber(high, 0.975, 'high');
  const shifted = bcaLevels(Float64Array.of(0, 1, 1, 2), 0.5, [1, 1, 1], 0.95);
  expect(shifted[0]).toBeLessThan(0.025);
  expect(shifted[1]).toBeLessThan(0.975);
});

test('an acceleration past its pole ends at the last level, not beyond', () => {
  // One group in fifty carries everything: a is 0.163, and the upper shift beyond 1 / a = 6.1.
  const jackknife = Array.from({ length: 50 }, (_, i) => (i === 0 ? -1 : 0));
  const [low, high] = bcaLevels(Float64Array.of(0, 1, 2, 3), 4, jackknife, 1 - 1e-9);
  expect(high).toBe(1);
  expect(low).toBeGreaterThan(0);
  expect(low).toBeLessThan(0.5);
});
