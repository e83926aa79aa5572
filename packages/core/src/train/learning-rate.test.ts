import { expect, test } from 'vitest';
import { learningRateAt, type LearningRateConfig } from './learning-rate.js';

const rates = (config: LearningRateConfig, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => learningRateAt(config, step, steps));

test('constant', () => {
  expect(rates({ base: 0.1, kind: 'constant', warmup: 0 }, 3)).toEqual([0.1, 0.1, 0.1]);
});

test('warms up in a line, its last step at the base', () => {
  expect(rates({ base: 0.4, kind: 'constant', warmup: 4 }, 6)).toEqual([0.1, 0.2, 0.30000000000000004, 0.4, 0.4, 0.4]);
});

test('cosine falls from the base to 1 % of it (Loshchilov & Hutter 2017, eq. 5)', () => {
  const values = rates({ base: 2, kind: 'cosine', warmup: 0 }, 5);
  const wanted = [0, 1, 2, 3, 4].map((t) => 0.02 + 0.5 * (2 - 0.02) * (1 + Math.cos((Math.PI * t) / 4)));
  values.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 12));
  expect([values[0], values[4]]).toEqual([2, expect.closeTo(0.02, 12)]);
});

test('cosine after a warm-up starts at the base and never rises again', () => {
  const values = rates({ base: 1, kind: 'cosine', warmup: 10 }, 100);
  expect(values.slice(9, 11)).toEqual([1, 1]);
  for (let i = 11; i < 100; i++) expect(values[i]).toBeLessThan(values[i - 1]!);
  expect(values[99]).toBeCloseTo(0.01, 12);
});

test('short phases stay within bounds', () => {
  for (const steps of [1, 2, 3])
    for (const warmup of [0, 1, 2, 5])
      for (const rate of rates({ base: 1, kind: 'cosine', warmup }, steps)) {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(1);
      }
});
