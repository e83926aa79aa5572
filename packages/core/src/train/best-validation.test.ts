import { expect, test } from 'vitest';
import { bestOf, isOver, validationsOf, type SelectConfig } from './best-validation.js';

const select: SelectConfig = { metric: 'cls.auroc', on: 'rsna', every: 2 };
const at = (...values: (number | undefined)[]) =>
  values.map((value, i) => ({ steps: 2 * (i + 1), ...(value === undefined ? {} : { value }) }));

test('validations are the entries of their steps, also those without a value', () => {
  const history = [0, 1, 2, 3, 4, 5].map((step) => ({
    step,
    total: 1,
    ...(step === 1 || step === 5 ? { 'validation/cls.auroc': step / 10 } : {}),
  }));
  expect(validationsOf(history, select)).toEqual(at(0.1, undefined, 0.5));
});

test('the best is the earliest of equal ones, in the metric’s own direction', () => {
  expect(bestOf(at(0.5, 0.7, 0.7, 0.6), 'higher')).toEqual({ steps: 4, value: 0.7 });
  expect(bestOf(at(0.5, 0.7, 0.2), 'lower')).toEqual({ steps: 6, value: 0.2 });
  expect(bestOf(at(-3, -2, undefined), 'higher')).toEqual({ steps: 4, value: -2 });
  expect(bestOf(at(undefined), 'higher')).toBeUndefined();
  expect(bestOf([], 'lower')).toBeUndefined();
});

test('patience counts the validations after the best one', () => {
  expect(isOver(at(0.5, 0.7, 0.6), 'higher', 2)).toBe(false);
  expect(isOver(at(0.5, 0.7, 0.6, 0.7), 'higher', 2)).toBe(true);
  expect(isOver(at(0.5, 0.7, 0.6, 0.8), 'higher', 2)).toBe(false);
  expect(isOver(at(0.5, 0.4, 0.3, 0.2), 'higher', undefined)).toBe(false);
  expect(isOver(at(undefined, undefined), 'higher', 2)).toBe(true);
});
