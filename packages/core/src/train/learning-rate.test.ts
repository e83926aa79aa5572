import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { learningRateAt, plateauReductions, type LearningRateConfig } from './learning-rate.js';

type Config = Pick<LearningRateConfig, 'base' | 'kind' | 'warmup'> & Partial<LearningRateConfig>;
const rates = (config: Config, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) =>
    learningRateAt({ milestones: [], factor: 0.1, patience: 10, ...config }, step, steps),
  );

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

/** Written by tools/golden/training_step.py with PyTorch's schedulers. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/learning-rates.json'), 'utf8')) as {
  readonly step: number[];
  readonly cosine: number[];
  readonly plateau: Readonly<Record<string, { readonly values: number[]; readonly rates: number[] }>>;
};
const expectClose = (got: readonly number[], wanted: readonly number[]): void => {
  expect(got).toHaveLength(wanted.length);
  got.forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-12));
};

test('milestones are those of MultiStepLR, cosine is CosineAnnealingLR', () => {
  expectClose(rates({ base: 0.5, kind: 'step', warmup: 0, milestones: [7, 12, 25], factor: 0.3 }, 31), golden.step);
  expectClose(rates({ base: 0.5, kind: 'cosine', warmup: 0 }, 31), golden.cosine);
  expect(rates({ base: 1, kind: 'step', warmup: 2, milestones: [3], factor: 0.5 }, 5)).toEqual([0.5, 1, 1, 0.5, 0.5]);
});

test.each(Object.entries(golden.plateau))('a plateau of %s values is that of ReduceLROnPlateau', (name, run) => {
  const better = name === 'higher' ? 'higher' : 'lower';
  const seen = Array.from({ length: run.values.length + 1 }, (_, validations) => {
    const reductions = plateauReductions(run.values.slice(0, validations), { patience: 2, better });
    const config: LearningRateConfig = {
      ...{ base: 0.5, kind: 'plateau', warmup: 0 },
      ...{ milestones: [], factor: 0.2, patience: 2 },
    };
    return learningRateAt(config, 0, 1, reductions);
  });
  expectClose(seen, run.rates);
  expect(new Set(seen.map((rate) => rate.toFixed(9))).size).toBeGreaterThan(1);
});

test('a value that is not defined is no better one', () => {
  expect(plateauReductions([0.5, undefined, undefined], { patience: 1, better: 'higher' })).toBe(1);
});
