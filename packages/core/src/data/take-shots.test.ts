import { expect, test } from 'vitest';
import type { SplitSample } from './sample.js';
import { takeShots } from './take-shots.js';

/** Patient `p` has an image for every letter: `+` with A, `-` without, `?` unknown. */
const samples = ['++-', '+', '-', '--', '+?', '-+', '?'].flatMap((signs, p) =>
  [...signs].map((sign, i): SplitSample => ({
    dataset: 'd',
    id: `${p}-${i}`,
    image: '',
    patient: { key: `p${p}` },
    split: 'train',
    labels: { findings: sign === '?' ? {} : { A: sign === '+' } },
  })),
);
const indices = samples.map((_, i) => i);
const take = (count: number, seed = 1): SplitSample[] =>
  takeShots(samples, indices, { finding: 'A', count }, seed).map((index) => samples[index]!);

test('as many with as without, other patients before other images of one', () => {
  const taken = take(4);
  for (const value of [true, false]) {
    const side = taken.filter(({ labels }) => labels.findings['A'] === value);
    expect(side).toHaveLength(4);
    expect(new Set(side.map(({ patient }) => patient.key)).size).toBe(4);
  }
  expect(take(5).filter(({ labels }) => labels.findings['A'] === true)).toHaveLength(5);
});

test('fewer lie inside more; another seed takes others', () => {
  for (const count of [1, 2, 3, 4]) expect(take(count + 1)).toEqual(expect.arrayContaining(take(count)));
  const seeds = new Set([1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(take(1, seed))));
  expect(seeds.size).toBeGreaterThan(1);
  expect(take(2)).toEqual(take(2));
});

test('more than there are is refused with what there is', () => {
  expect(() => take(6)).toThrow(/6 training images with A wanted, 5 found/);
});
