import { expect, test } from 'vitest';
import { thin } from '../page/line-plot.js';
import {
  classScores,
  confusionAt,
  diceLines,
  frocLine,
  precisionLine,
  reliabilityLine,
  rocLine,
  smooth,
} from './curves.js';

const records = [
  { scores: [0.9, 0.1], labels: [1, -1] },
  { scores: [0.8, 0.2], labels: [0, -1] },
  { scores: [0.7, 0.3], labels: [1, -1] },
  { scores: [0.1, 0.4], labels: [0, -1] },
];

test('a class is known where its label is, and one that is never known has no curve', () => {
  const classes = classScores([...records, { scores: [0.5, 0.5], labels: [-1, -1] }], ['Mass', 'Hernia']);
  expect(classes).toEqual([{ name: 'Mass', scores: [0.9, 0.8, 0.7, 0.1], labels: [1, 0, 1, 0] }]);
});

test('ROC, precision and confusions of four scores, by hand', () => {
  const [mass] = classScores(records, ['Mass']);
  expect(rocLine(mass!).points).toEqual([[0, 0], [0, 0.5], [0.5, 0.5], [0.5, 1], [1, 1]]); // prettier-ignore
  expect(precisionLine(mass!).points).toEqual([[0.5, 1], [0.5, 0.5], [1, 2 / 3], [1, 0.5]]); // prettier-ignore
  expect(confusionAt(mass!, 0.75)).toEqual({
    truePositives: 1,
    falsePositives: 1,
    trueNegatives: 1,
    falseNegatives: 1,
  });
});

test('reliability has a point for every bin that is not empty', () => {
  const line = reliabilityLine({ name: 'Mass', scores: [0.11, 0.13, 0.95], labels: [0, 1, 1] });
  expect(line.points).toEqual([
    [expect.closeTo(0.12, 9), 0.5],
    [0.95, 1],
  ]);
});

test('FROC ends at 8 false alarms an image, and needs a true box', () => {
  const far = Array.from({ length: 12 }, (_, i) => [100 + 20 * i, 0, 10, 10]).flat();
  const image = {
    truth: [0, 0, 10, 10],
    predicted: [0, 0, 10, 10, ...far],
    scores: [0.9, ...far.slice(0, 12).map((_, i) => 0.8 - i / 100)],
  };
  const line = frocLine([image], 'boxes')!;
  expect(line.points.slice(0, 2)).toEqual([[0, 0], [0, 1]]); // prettier-ignore
  expect(line.points.at(-1)).toEqual([8, 1]);
  expect(frocLine([{ ...image, truth: [] }], 'boxes')).toBeUndefined();
});

test('Dice by threshold, of all images and of those with a mask', () => {
  const [all, positives] = diceLines([
    { truth: 4, predicted: [8, 4, 0], intersection: [4, 4, 0] },
    { truth: 0, predicted: [2, 0, 0], intersection: [0, 0, 0] },
  ]);
  expect(all!.points).toEqual([[0.25, (2 / 3 + 0) / 2], [0.5, 1], [0.75, 0.5]]); // prettier-ignore
  expect(positives!.points).toEqual([[0.25, 2 / 3], [0.5, 1], [0.75, 0]]); // prettier-ignore
});

test('long series become means of equal stretches, curves lose what cannot be seen', () => {
  const series = smooth(Array.from({ length: 1000 }, (_, step) => [step, step % 2]));
  expect(series.length).toBe(200);
  expect(series[0]).toEqual([4, 0.4]);
  expect(smooth([[0, 3]])).toEqual([[0, 3]]);
  expect(smooth([])).toEqual([]);
  const dense = thin(Array.from({ length: 100_001 }, (_, i) => [i / 1e5, i / 1e5]));
  expect(dense.length).toBeLessThan(260);
  expect([dense[0], dense.at(-1)]).toEqual([[0, 0], [1, 1]]); // prettier-ignore
});
