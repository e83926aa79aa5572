import { expect, test } from 'vitest';
import { ownPlaces } from './own-places.js';

test('the ranks take every place once, of each micro-batch an equal part', () => {
  for (const [size, batch, accumulate] of [
    [1, 6, 1],
    [2, 8, 1],
    [2, 8, 2],
    [4, 24, 3],
  ] as const) {
    const parts = Array.from({ length: size }, (_, rank) => ownPlaces({ rank, size }, batch, accumulate));
    expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: batch }, (_, i) => i));
  }
  expect(ownPlaces({ rank: 1, size: 2 }, 8, 2)).toEqual([2, 3, 6, 7]);
});

test('a batch that cannot be shared equally is refused', () => {
  expect(() => ownPlaces({ rank: 0, size: 3 }, 8)).toThrow(
    expect.objectContaining({ code: 'RANKS_BATCH', message: expect.stringContaining('multiple of 3') as string }),
  );
});
