import { expect, test } from 'vitest';
import type { MeasuredMetric } from '../metrics/measure-phase.js';
import { rankFailures } from './rank-failures.js';

const samples = ['a', 'b', 'c'].map((id) => ({ id, dataset: 'toy', patient: id }));
const foldsOf = (name: string, records: readonly unknown[]) => {
  const part = { samples, metrics: { [name]: records } };
  return [{ validation: part, test: part }];
};
const metric = (more: object): MeasuredMetric =>
  ({ phase: 'p', head: 'h', dataset: 'toy', gate: 'none', better: 'higher', images: 3, patients: 3, ...more }) as never;

test('a classifier is ranked by its worst known class; images of no known class are left out', () => {
  const ranked = rankFailures(
    foldsOf('findings', [
      { scores: [0.9, 0.9], labels: [1, -1] },
      { scores: [0.2, 0.6], labels: [1, 0] },
      { scores: [0.5, 0.5], labels: [-1, -1] },
    ]),
    [metric({ metric: 'auroc/Mass', class: 'Mass' }), metric({ metric: 'auroc/Hernia', class: 'Hernia' })],
  );
  expect(ranked.map(({ sample, words, finding }) => [sample.id, words, finding])).toEqual([
    ['b', 'Mass 0.20, is there', 'Mass'],
    ['a', 'Mass 0.90, is there', 'Mass'],
  ]);
  expect(ranked[0]!.error).toBeCloseTo(0.8, 9);
});

test('a detector is ranked by its score at the threshold of validation, false alarms first', () => {
  const ranked = rankFailures(
    foldsOf('boxes', [
      { truth: [0, 0, 10, 10], predicted: [0, 0, 10, 10, 50, 50, 9, 9], scores: [0.9, 0.1] },
      { truth: [], predicted: [5, 5, 5, 5], scores: [0.7] },
      { truth: [], predicted: [5, 5, 5, 5], scores: [0.2] },
    ]),
    [metric({ metric: 'mAP', chosen: 0.5 })],
  );
  expect(ranked.map(({ sample, error }) => [sample.id, error])).toEqual([
    ['b', 1],
    ['a', 0],
    ['c', 0],
  ]);
  expect(ranked[1]).toMatchObject({
    positive: true,
    words: 'score 1.00: 1 true, 1 predicted',
    boxes: { at: [0, 0, 10, 10], scores: [0.9] },
  });
});

test('a segmentation is ranked by Dice at the threshold of validation', () => {
  const ranked = rankFailures(
    foldsOf('overlap', [
      { truth: 10, predicted: [30, 10], intersection: [10, 10] },
      { truth: 0, predicted: [3, 0], intersection: [0, 0] },
      { truth: 10, predicted: [3, 0], intersection: [3, 0] },
    ]),
    [metric({ metric: 'dice', chosen: 1 })],
  );
  expect(ranked.map(({ sample, error, positive }) => [sample.id, error, positive])).toEqual([
    ['c', 1, true],
    ['a', 0, true],
    ['b', 0, false],
  ]);
});

test("what another's head records is not ranked", () => {
  expect(rankFailures(foldsOf('age', [1, 2, 3]), [metric({ metric: 'meanAbsoluteError' })])).toEqual([]);
});
