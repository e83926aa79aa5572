import { expect, test } from 'vitest';
import type { SplitSample } from './sample.js';
import { sourceNotes } from './source-notes.js';

/** Of every source an image of another patient for each sign: `+` with A, `-` without, `?` unknown. */
const samplesOf = (rows: readonly (readonly [source: string | undefined, signs: string])[]): SplitSample[] =>
  rows.flatMap(([source, signs], s) =>
    [...signs].map((sign, i): SplitSample => ({
      dataset: 'covid',
      id: `${s}-${i}`,
      image: '',
      patient: { key: `p${s}-${i}` },
      split: 'train',
      labels: { findings: sign === '?' ? {} : { A: sign === '+' } },
      ...(source === undefined ? {} : { source }),
    })),
  );

test('sources of one kind tell the finding', () => {
  const [note, ...others] = sourceNotes(
    samplesOf([
      ['a', '++++'],
      ['b', '---'],
      ['c', '+-'],
      [undefined, '+-'],
    ]),
    ['A'],
  );
  expect(others).toEqual([]);
  expect(note).toContain('A comes from 3 sources, of which one has images both with and without it');
  // Of other patients of the source, and one image's weight of the share in all, 5 of 9.
  const [a, b, cPositive, cNegative] = [(3 + 5 / 9) / 4, 5 / 9 / 3, 5 / 9 / 2, (1 + 5 / 9) / 2];
  const positives = [a, a, a, a, cPositive];
  const negatives = [b, b, b, cNegative];
  const won = positives.flatMap((p) => negatives.map((n) => (p > n ? 1 : p === n ? 0.5 : 0) as number));
  expect(note).toContain(`an AUROC of ${(won.reduce((x, y) => x + y, 0) / won.length).toFixed(2)},`);
});

test('sources that all hold both say little, and nothing is said', () => {
  const balanced = samplesOf([...'abcdef'].map((source) => [source, '+-+-+-+-'] as const));
  expect(sourceNotes(balanced, ['A'])).toEqual([]);
});

test('one source, one label, no source, or another finding: nothing to say', () => {
  expect(sourceNotes(samplesOf([['a', '++--']]), ['A'])).toEqual([]);
  expect(
    sourceNotes(
      samplesOf([
        ['a', '++'],
        ['b', '++??'],
      ]),
      ['A'],
    ),
  ).toEqual([]);
  expect(sourceNotes(samplesOf([[undefined, '++--']]), ['A'])).toEqual([]);
  expect(
    sourceNotes(
      samplesOf([
        ['a', '++'],
        ['b', '--'],
      ]),
      ['B'],
    ),
  ).toEqual([]);
});

test('images of the same patient do not vouch for each other', () => {
  const samples = samplesOf([
    ['a', '++++'],
    ['b', '----'],
  ]).map((sample) => ({
    ...sample,
    patient: { key: sample.id.slice(0, 1) },
  }));
  expect(sourceNotes(samples, ['A'])[0]).toContain('AUROC of 0.50');
});
