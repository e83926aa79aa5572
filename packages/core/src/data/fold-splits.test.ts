import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldSplits, groupsOf } from './fold-splits.js';
import type { SplitSample } from './sample.js';

const samplesOf = (rows: readonly (readonly [patient: number, positive: boolean])[]): SplitSample[] =>
  rows.map(([patient, positive], i) => ({
    dataset: 'covid',
    id: `i${i}`,
    image: `/i${i}.png`,
    patient: { key: `p${patient}` },
    labels: { findings: { positive } },
    split: 'train',
  }));
const isPositive = ({ labels }: SplitSample): boolean => labels.findings['positive'] === true;
const patients = (samples: readonly SplitSample[]): Set<string> => new Set(samples.map(({ patient }) => patient.key));

const cohort = fc.record({
  rows: fc.array(fc.tuple(fc.nat(30), fc.boolean()), { minLength: 1, maxLength: 80 }),
  folds: fc.integer({ min: 2, max: 6 }),
  repeats: fc.integer({ min: 1, max: 3 }),
  seed: fc.integer(),
});

test('every sample is tested once a repeat, and a patient is on one side of every fold', () => {
  fc.assert(
    fc.property(cohort, ({ rows, folds, repeats, seed }) => {
      const samples = samplesOf(rows);
      fc.pre(patients(samples).size >= folds);
      const divisions = foldSplits(samples, isPositive, { folds, repeats }, seed);
      expect(divisions).toHaveLength(folds * repeats);
      for (let repeat = 0; repeat < repeats; repeat++) {
        const own = divisions.slice(repeat * folds, (repeat + 1) * folds);
        for (const i of samples.keys()) {
          expect(own.filter((parts) => parts[i] === 'test')).toHaveLength(1);
          expect(own.filter((parts) => parts[i] === 'validation')).toHaveLength(folds > 2 ? 1 : 0);
        }
      }
      for (const parts of divisions) {
        expect(parts).toHaveLength(samples.length);
        const side = new Map<string, string>();
        for (const [i, part] of parts.entries()) {
          const { key } = samples[i]!.patient;
          expect(side.get(key) ?? part).toBe(part);
          side.set(key, part);
        }
        expect(new Set(parts)).toEqual(new Set(folds > 2 ? ['test', 'validation', 'train'] : ['test', 'train']));
      }
      expect(foldSplits(samples, isPositive, { folds, repeats }, seed)).toEqual(divisions);
    }),
    { numRuns: 500 },
  );
});

test('positives and negatives are dealt evenly, by patient', () => {
  const rows = Array.from({ length: 60 }, (_, i) => [i, i < 21] as const);
  const samples = samplesOf(rows);
  for (const parts of foldSplits(samples, isPositive, { folds: 5, repeats: 4 }, 3)) {
    const tested = samples.filter((_, i) => parts[i] === 'test');
    expect(tested).toHaveLength(12);
    expect([4, 5]).toContain(tested.filter(isPositive).length);
  }
});

test('repeats and seeds deal otherwise; the order of the samples does not matter', () => {
  const samples = samplesOf(Array.from({ length: 30 }, (_, i) => [i, i % 3 === 0] as const));
  const [first, , , , , sixth] = foldSplits(samples, isPositive, { folds: 5, repeats: 2 }, 1);
  expect(sixth).not.toEqual(first);
  expect(foldSplits(samples, isPositive, { folds: 5, repeats: 1 }, 2)[0]).not.toEqual(first);
  const reversed = foldSplits(samples.toReversed(), isPositive, { folds: 5, repeats: 1 }, 1)[0];
  expect(reversed?.toReversed()).toEqual(first);
});

test('fewer patients than folds are an error', () => {
  const samples = samplesOf([
    [1, true],
    [1, false],
    [2, true],
  ]);
  expect(() => foldSplits(samples, isPositive, { folds: 3, repeats: 1 }, 1)).toThrow(
    expect.objectContaining({ code: 'SPLIT_EMPTY', message: '2 patients cannot be dealt into 3 folds' }),
  );
});

test('grouped by source: a source is in one fold, a patient of two sources too, and one of none is dealt alone', () => {
  const samples = samplesOf(Array.from({ length: 60 }, (_, i) => [i % 40, i % 3 === 0] as const)).map((sample, i) =>
    i % 10 === 9 ? sample : { ...sample, source: `s${i % 7}` },
  );
  const groups = groupsOf(samples, 'source');
  for (const parts of foldSplits(samples, isPositive, { folds: 4, repeats: 3, group: 'source' }, 5)) {
    for (const keys of [groups, samples.map(({ patient }) => patient.key)]) {
      const side = new Map<string, string>();
      for (const [i, part] of parts.entries()) {
        expect(side.get(keys[i]!) ?? part).toBe(part);
        side.set(keys[i]!, part);
      }
    }
    expect(new Set(parts)).toEqual(new Set(['test', 'validation', 'train']));
  }
  expect(() => foldSplits(samples, isPositive, { folds: 20, repeats: 1, group: 'source' }, 5)).toThrow(
    / sources cannot/,
  );
});
