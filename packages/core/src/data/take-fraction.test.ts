import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Split, SplitSample } from './sample.js';
import { takeFraction } from './take-fraction.js';

const sample = (id: string, patient: string, split: Split): SplitSample => ({
  dataset: 'nih',
  id,
  image: `/${id}`,
  patient: { key: patient },
  split,
  labels: { findings: {} },
});
/** 1,000 training patients with one to three images, 50 others in each held-out part. */
const samples = Array.from({ length: 1000 }, (_, p) =>
  Array.from({ length: 1 + (p % 3) }, (_, i) => sample(`${p}-${i}`, `p${p}`, 'train')),
)
  .flat()
  .concat(Array.from({ length: 100 }, (_, i) => sample(`h${i}`, `h${i}`, i % 2 === 0 ? 'test' : 'validation')));
const trained = (list: readonly SplitSample[]): Set<string> =>
  new Set(list.flatMap(({ split, patient }) => (split === 'train' ? [patient.key] : [])));

test('1 % lies inside 10 %, whole patients, held-out parts untouched; for any seed', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      (seed, a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)].map((share) => takeFraction(samples, share, seed));
        const [few, many] = [trained(small ?? []), trained(large ?? [])];
        expect([...few].filter((key) => !many.has(key))).toEqual([]);
        expect(few.size).toBe(Math.max(1, Math.round(Math.min(a, b) * 1000)));
        for (const list of [small ?? [], large ?? []]) {
          expect(list.filter(({ split }) => split !== 'train')).toEqual(samples.slice(-100));
          const keys = trained(list);
          expect(list.filter(({ split }) => split === 'train')).toEqual(
            samples.filter(({ split, patient }) => split === 'train' && keys.has(patient.key)),
          );
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('pure in the seed and the patients, whatever the order and the images', () => {
  const one = trained(takeFraction(samples, 0.01, 1));
  expect(one.size).toBe(10);
  expect(trained(takeFraction([...samples].reverse(), 0.01, 1))).toEqual(one);
  expect(trained(takeFraction(samples, 0.01, 2))).not.toEqual(one);
  expect(takeFraction(samples, 1, 1)).toBe(samples);
});
