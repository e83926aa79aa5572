import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShuffledPool } from './shuffled.js';

const read = (pool: ShuffledPool<number>, from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => pool.at(from + i));

test('every epoch is a permutation, whatever the size and the seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer(), fc.nat(20), (size, seed, epoch) => {
      const items = Array.from({ length: size }, (_, i) => i * 10);
      const pool = new ShuffledPool(items, seed, 'rsna');
      expect(pool.size).toBe(size);
      expect(read(pool, epoch * size, size).sort((a, b) => a - b)).toEqual(items);
    }),
    { numRuns: 500 },
  );
});

test('an item depends on seed, name and position alone, not on what was read before', () => {
  const items = Array.from({ length: 13 }, (_, i) => i);
  const forward = read(new ShuffledPool(items, 5, 'a'), 0, 100);
  const pool = new ShuffledPool(items, 5, 'a');
  const backward = Array.from({ length: 100 }, (_, i) => pool.at(99 - i)).reverse();
  expect(backward).toEqual(forward);
  expect(read(new ShuffledPool(items, 5, 'a'), 37, 20)).toEqual(forward.slice(37, 57));
  expect(read(new ShuffledPool(items, 6, 'a'), 0, 100)).not.toEqual(forward);
  expect(read(new ShuffledPool(items, 5, 'b'), 0, 100)).not.toEqual(forward);
  expect(forward.slice(0, 13)).not.toEqual(forward.slice(13, 26));
});

test('each item comes equally often to each place of an epoch', () => {
  const pool = new ShuffledPool([0, 1, 2, 3], 1, 'x');
  const counts = Array.from({ length: 16 }, () => 0);
  const epochs = 4000;
  for (let position = 0; position < 4 * epochs; position++) counts[(position % 4) * 4 + pool.at(position)]!++;
  // binomial, p = 1/4: six deviations
  for (const count of counts) expect(Math.abs(count - epochs / 4)).toBeLessThan(6 * Math.sqrt((epochs * 3) / 16));
});

test('a position that is none, and an empty pool, are errors', () => {
  const pool = new ShuffledPool([1, 2], 1, 'x');
  for (const position of [-1, 0.5, NaN, Infinity]) expect(() => pool.at(position)).toThrow(RangeError);
  expect(() => new ShuffledPool([], 1, 'rsna/positives').at(0)).toThrow('0 items of "rsna/positives"');
});
