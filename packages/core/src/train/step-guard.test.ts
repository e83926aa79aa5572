import { expect, test } from 'vitest';
import { describeBadStep, normLimit, skippedInARow } from './step-guard.js';
import type { HistoryEntry } from './step-history.js';

const entry = (step: number, norm: number, more: Record<string, number> = { 'cls@one': 1 }): HistoryEntry => ({
  step,
  total: 1,
  'gradient/norm': norm,
  ...more,
});

test('the limit is a multiple of the median of the turn’s own last 50 norms', () => {
  const own = Array.from({ length: 60 }, (_, i) => entry(2 * i, i));
  const others = Array.from({ length: 60 }, (_, i) => entry(2 * i + 1, 1000, { 'seg@two': 1 }));
  const skipped = Array.from({ length: 5 }, (_, i) => entry(200 + i, 1e6, { 'cls@one': 1, 'guard/skipped': 1 }));
  const history = [...own, ...others].toSorted((a, b) => a.step - b.step);
  // 10 .. 59 has the upper median 35
  expect(normLimit([...history, ...skipped], ['cls@one'], 3)).toBe(105);
  expect(normLimit(history, ['seg@two'], 3)).toBe(3000);
  expect(normLimit(history, ['cls@one', 'seg@two'], 3)).toBe(Infinity);
  expect(normLimit(history, ['cls@one'], 0)).toBe(Infinity);
  expect(normLimit(own.slice(0, 9), ['cls@one'], 3)).toBe(Infinity);
});

test('skipped steps are counted from the last one that moved something', () => {
  const bad = (step: number): HistoryEntry => ({ step, 'guard/skipped': 1 });
  expect(skippedInARow([])).toBe(0);
  expect(skippedInARow([bad(0), entry(1, 1)])).toBe(0);
  expect(skippedInARow([bad(0), entry(1, 1), bad(2), bad(3)])).toBe(2);
  expect(skippedInARow([bad(0), bad(1)])).toBe(2);
});

test('what is bad is named: the head before the total, then the norm', () => {
  const good = { total: 2, 'cls@one': 1, 'seg@two': 1, 'gradient/norm': 5, 'guard/skipped': 1 };
  expect(describeBadStep(good, Infinity)).toBeUndefined();
  expect(describeBadStep(good, 4)).toBe("the gradients' norm is 5.00, above 4.00");
  expect(describeBadStep({ ...good, total: NaN, 'seg@two': NaN }, 4)).toBe('loss seg@two is NaN');
  expect(describeBadStep({ ...good, 'gradient/norm': Infinity }, 4)).toBe("the gradients' norm is Infinity");
});
