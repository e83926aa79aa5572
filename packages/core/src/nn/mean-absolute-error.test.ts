import { expect, test } from 'vitest';
import { meanAbsoluteError } from './mean-absolute-error.js';

test('weights errors by multiplicity and leaves held back images out', () => {
  const metric = meanAbsoluteError('years');
  const item = (label: number, years: number, held = false) =>
    metric.observe({ outputs: held ? undefined : [years], prediction: { years }, label } as never);
  const prepared = metric.prepare([item(30, 34), item(50, 49), item(10, 0, true)], undefined);
  expect(metric.reduce(prepared, Uint16Array.of(1, 1, 1))).toBe(2.5);
  expect(metric.reduce(prepared, Uint16Array.of(3, 1, 5))).toBe(13 / 4);
  expect(metric.reduce(prepared, Uint16Array.of(0, 0, 2))).toBeUndefined();
});
