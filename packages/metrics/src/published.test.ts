import { describe, expect, test } from 'vitest';
import { auroc } from './auroc.js';
import { averagePrecision } from './average-precision.js';
import { bootstrapInterval } from './bootstrap.js';
import { binProbabilities, calibration } from './calibration.js';
import { accuracy, f1, sensitivity, specificity } from './confusion-rates.js';
import { confusion, decide } from './decisions.js';
import { operatingPoints } from './curves.js';
import { delong, delongTest } from './delong.js';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';
import { holm } from './holm.js';
import { weightedMean } from './macro-mean.js';
import { maskOverlap, meanDice, meanIou, scoreMasks } from './mask-overlap.js';
import { mcnemar } from './mcnemar.js';
import { rankScores } from './ranking.js';
import { fitTemperature, scaleProbability } from './temperature.js';
import { sensitivityThreshold } from './thresholds.js';

interface Statistics {
  delong: {
    name: string;
    labels: number[];
    first: number[];
    second: number[];
    auroc: number;
    variance: number;
    interval: [number, number];
    difference: number;
    differenceVariance: number;
    p: number;
  }[];
  mcnemar: { labels: string; first: string; second: string; firstOnly: number; secondOnly: number; p: number }[];
  holm: { p: number[]; adjusted: number[] }[];
  temperature: { name: string; p: number[]; labels: number[]; temperature: number; scaled: number[] }[];
  sensitivity: {
    labels: number[];
    scores: number[];
    chosen: { wanted: number; threshold: number; value: number }[];
  }[];
  bca: { values: number[]; seed: number; resamples: number; interval: [number, number] };
  curves: { labels: number[]; scores: number[]; points: [number, number, number, number][] }[];
  torchmetrics: ({ name: string; p: number[]; labels: number[] } & Record<
    'auroc' | 'averagePrecision' | 'ece' | 'accuracy' | 'f1' | 'sensitivity' | 'specificity',
    number | null
  >)[];
}

interface Overlap {
  predicted: number[][];
  truth: number[][];
  dice: { all: number[]; positives: number };
  iou: { all: number[]; positives: number };
}

const golden = readGolden<Statistics>('statistics');

/** Where the other library computes in float32. */
function expectSingle(got: number | undefined, wanted: number | null, what: string): void {
  if (wanted === null) expect(got, what).toBeUndefined();
  else expect(Math.abs((got ?? NaN) - wanted), `${what}: ${got} for ${wanted}`).toBeLessThanOrEqual(1e-6);
}

describe.each(golden.delong)('DeLong, $name', (wanted) => {
  const first = rankScores(wanted.first, wanted.labels);
  const second = rankScores(wanted.second, wanted.labels);

  test('interval: MLstatkit, variance: Sun and Xu as in confidenceinterval', () => {
    const got = delong(first);
    expectNumber(got?.auroc, wanted.auroc, 'AUROC');
    expectNumber(got?.low, wanted.interval[0], 'low');
    expectNumber(got?.high, wanted.interval[1], 'high');
    expectSingle(got?.variance, wanted.variance, 'variance');
  });

  test('paired test, MLstatkit', () => {
    const got = delongTest(first, second);
    expectNumber(got?.difference, wanted.difference, 'difference');
    expectNumber(got?.variance, wanted.differenceVariance, 'variance');
    expectNumber(got?.p, wanted.p, 'p');
  });
});

test.each(golden.mcnemar)('McNemar of $firstOnly against $secondOnly, statsmodels', (wanted) => {
  const [labels, first, second] = [wanted.labels, wanted.first, wanted.second].map((text) => [...text].map(Number));
  const got = mcnemar(decide(first!, labels!, 0.5), decide(second!, labels!, 0.5), Int32Array.from(labels!.keys()));
  expect([got.firstOnly, got.secondOnly]).toEqual([wanted.firstOnly, wanted.secondOnly]);
  expectNumber(got.p, wanted.p, 'p');
  expect(Math.abs(got.p / wanted.p - 1)).toBeLessThan(1e-9);
});

test.each(golden.holm)('Holm of $p, statsmodels', ({ p, adjusted }) => {
  holm(p).forEach((got, i) => expectNumber(got, adjusted[i], `p ${i}`));
});

test.each(golden.temperature)('temperature, $name, scipy', ({ p, labels, temperature, scaled }) => {
  const got = fitTemperature(p, labels)!;
  expectNumber(got, temperature, 'temperature');
  p.forEach((one, i) => expectNumber(scaleProbability(one, got), scaled[i], `scaled ${i}`));
});

test.each(golden.sensitivity)('threshold of a sensitivity, scikit-learn', ({ scores, labels, chosen }) => {
  const ranking = rankScores(scores, labels);
  for (const { wanted, threshold, value } of chosen) {
    expect(sensitivityThreshold(ranking, wanted)).toEqual({ threshold, value });
  }
});

test.each(golden.curves)('ROC and precision-recall curve, scikit-learn', ({ scores, labels, points }) => {
  const [nothing, ...got] = operatingPoints(rankScores(scores, labels));
  expect(nothing).toEqual({ threshold: Infinity, sensitivity: 0, falsePositiveRate: 0, precision: undefined });
  expect(got).toHaveLength(points.length);
  points.forEach(([threshold, sensitivity, falsePositiveRate, precision], i) => {
    expect(got[i]!.threshold).toBe(threshold);
    expectNumber(got[i]!.sensitivity, sensitivity, `sensitivity ${i}`);
    expectNumber(got[i]!.falsePositiveRate, falsePositiveRate, `false positive rate ${i}`);
    expectNumber(got[i]!.precision, precision, `precision ${i}`);
  });
});

test('BCa of a mean on the same resamples, scipy', () => {
  const { values, seed, resamples, interval } = golden.bca;
  const got = bootstrapInterval({
    clusters: Int32Array.from(values.keys()),
    seed,
    resamples,
    method: 'bca',
    statistic: (multiplicity) => weightedMean(values, undefined, multiplicity),
  });
  expectNumber(got.low, interval[0], 'low');
  expectNumber(got.high, interval[1], 'high');
});

test.each(golden.torchmetrics)('torchmetrics (float32), $name', (wanted) => {
  const ranking = rankScores(wanted.p, wanted.labels);
  const counts = confusion(decide(wanted.p, wanted.labels, 0.5));
  expectSingle(auroc(ranking), wanted.auroc, 'AUROC');
  expectSingle(averagePrecision(ranking), wanted.averagePrecision, 'average precision');
  expectSingle(calibration(binProbabilities(wanted.p, wanted.labels)).ece, wanted.ece, 'ECE');
  expectSingle(accuracy(counts), wanted.accuracy, 'accuracy');
  expectSingle(f1(counts), wanted.f1, 'F1');
  expectSingle(sensitivity(counts), wanted.sensitivity, 'sensitivity');
  expectSingle(specificity(counts), wanted.specificity, 'specificity');
});

test('Dice (float32) and IoU of all images and of positives, MONAI', () => {
  const { predicted, truth, dice, iou } = readGolden<Overlap>('overlap');
  const scores = scoreMasks(predicted.map((mask, i) => maskOverlap(mask, truth[i]!)));
  dice.all.forEach((wanted, i) => expectSingle(scores.dice[i], wanted, `Dice of image ${i}`));
  iou.all.forEach((wanted, i) => expectNumber(scores.iou[i], wanted, `IoU of image ${i}`));
  expectSingle(meanDice(scores).positives, dice.positives, 'Dice of positives');
  expectNumber(meanIou(scores).positives, iou.positives, 'IoU of positives');
});
