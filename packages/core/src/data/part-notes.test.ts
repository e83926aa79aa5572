import { expect, test } from 'vitest';
import { partNotes } from './part-notes.js';
import type { SplitSample } from './sample.js';

/** `+` with a finding, `-` without, `?` unknown. */
const part = (split: SplitSample['split'], signs: string): SplitSample[] =>
  [...signs].map((sign, i) => ({
    dataset: 'd',
    id: `${split}${i}`,
    image: '',
    patient: { key: `${i}` },
    split,
    labels: { findings: sign === '?' ? {} : { A: sign === '+' } },
  }));
const notes = (...samples: SplitSample[][]): string[] =>
  partNotes(samples.flat(), ({ labels }) => labels.findings['A']);

test('a test part with enough of both says nothing, and the other parts do not count', () => {
  expect(notes(part('test', '+'.repeat(10) + '-'.repeat(10)))).toEqual([]);
  expect(notes(part('train', '+'), part('test', '+'.repeat(12) + '-'.repeat(12)))).toEqual([]);
});

test('only one kind, or few of one, is told with the numbers', () => {
  expect(notes(part('train', '-'.repeat(50)), part('test', '+++++++?'))).toEqual([
    'Of its test part 7 images have findings and 0 have none: what tells the two apart (AUROC, a gate) cannot be measured on it.',
  ]);
  expect(notes(part('test', '++' + '-'.repeat(40)))).toEqual([
    'Of its test part 2 images have findings and 40 have none: too few for its numbers to mean much.',
  ]);
});

test('a part about which nothing is known says nothing', () => {
  expect(notes(part('test', '???'))).toEqual([]);
});
