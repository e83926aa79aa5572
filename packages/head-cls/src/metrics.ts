import type { CountedClass, HeadMetric, MetricItem, OutputValue } from '@multichexnet/core';
import {
  accuracy,
  auroc,
  averagePrecision,
  binProbabilities,
  calibration,
  confusion,
  decideClasses,
  delongTest,
  f1,
  f1Threshold,
  fitTemperature,
  macroAuroc,
  macroAveragePrecision,
  macroF1,
  macroMean,
  microF1,
  rankClasses,
  scaleProbability,
  sensitivity,
  sensitivityThreshold,
  specificity,
  sumConfusions,
  youdenThreshold,
  type BinnedProbabilities,
  type Confusion,
  type Decisions,
  type Multiplicity,
  type Ranking,
} from '@multichexnet/metrics';
import type { ClsPrediction } from './decode.js';
import type { ClsLabel } from './label.js';

type Outputs = readonly [OutputValue];

/** One image as plain data: the probability of each class and its label, -1 where unknown. */
export interface ClsRecord {
  readonly scores: readonly number[];
  readonly labels: readonly number[];
}

type ClsMetric<T, Q> = HeadMetric<ClsLabel, Outputs, ClsPrediction, ClsRecord, T, Q>;
type Item = MetricItem<ClsLabel, Outputs, ClsPrediction>;
/** How the threshold of a class is chosen from validation records; undefined where they allow no choice. */
type ThresholdRule = (ranking: Ranking) => { readonly threshold: number } | undefined;

/** Positive images from which on a class has a say in `auroc@10positives`. */
const FREQUENT = 10;

interface Frequent {
  readonly counts: readonly CountedClass[];
  readonly kept: readonly Ranking[];
}

const atSensitivity90: ThresholdRule = (ranking) => sensitivityThreshold(ranking, 0.9);

/**
 * Metrics over the known (image, class) entries. Macro values are means over the classes where the number exists; `<metric>/<class>` is one class's.
 *
 * - `auroc`, `ap`: need no threshold; a class's AUROC is compared by DeLong's test too. `auroc@10positives` is the mean over the classes with at least 10 positive images: a resample always has all of them.
 * - `accuracy` (over all entries), `f1`, `f1/micro`, `sensitivity`, `specificity`: at one threshold per class, chosen on validation records as the one of the
 *   highest F1 (0.5 where validation has no positive). `@youden` and `@sensitivity90` stand for the threshold of the highest Youden index, and the highest
 *   one with a sensitivity of 0.9.
 * - `brier`, `ece`: calibration of the probabilities as they are; `@temperature` after temperature scaling fitted on validation records.
 */
export function clsMetrics(classes: readonly string[]): ClsMetric<unknown, never>[] {
  const count = classes.length;
  const shared = { record: 'findings', observe: observeItem } as const;
  const ofClass = (name: string, c: number) => ({ name: `${name}/${classes[c]!}`, class: classes[c]! });
  const rankings = remember((records: readonly ClsRecord[]) => rankRecords(records, count));

  const isUntuned = (
    ...[validation, test, c, rule]: [readonly ClsRecord[], readonly ClsRecord[], number, ThresholdRule]
  ): boolean => rankings(test)[c]!.positive.length > 0 && rule(rankings(validation)[c]!) === undefined;

  const ranked = (
    name: string,
    value: (rankings: readonly Ranking[], multiplicity: Multiplicity) => number | undefined,
  ): ClsMetric<undefined, readonly Ranking[]> => ({
    ...shared,
    name,
    better: 'higher',
    prepare: rankings,
    reduce: value,
  });
  const macroRanked = (...[name, value]: Parameters<typeof ranked>): ClsMetric<undefined, readonly Ranking[]> => ({
    ...ranked(name, value),
    classes: (all) => countClasses(classes, all, 1),
  });
  const frequent: ClsMetric<undefined, Frequent> = {
    ...shared,
    name: 'auroc@10positives',
    better: 'higher',
    prepare: (records) => {
      const counts = countClasses(classes, rankings(records), FREQUENT);
      return { counts, kept: rankings(records).filter((_, c) => counts[c]!.counted) };
    },
    reduce: ({ kept }, m) => {
      const mean = macroAuroc(kept, m);
      return mean.counted === kept.length ? mean.value : undefined; // a mean over fewer classes is another quantity
    },
    classes: ({ counts }) => counts,
  };
  const decided = (
    name: string,
    value: (confusions: readonly Confusion[]) => number | undefined,
    rule: ThresholdRule = f1Threshold,
  ): ClsMetric<number[], Decisions[]> => ({
    ...shared,
    name,
    better: 'higher',
    fit: (records) => fitThresholds(records, count, rule),
    untuned: (validation, test) => classes.filter((_, c) => isUntuned(validation, test, c, rule)),
    prepare: (records, thresholds) => decideRecords(records, thresholds ?? new Array<number>(count).fill(0.5)),
    reduce: (decisions, multiplicity) => value(decisions.map((column) => confusion(column, multiplicity))),
  });
  const decidedClass = (
    name: string,
    value: (confusion: Confusion) => number | undefined,
    c: number,
  ): ClsMetric<number, Decisions> => ({
    ...shared,
    ...ofClass(name, c),
    better: 'higher',
    fit: (records) => f1Threshold(rankings(records)[c]!)?.threshold ?? 0.5,
    untuned: (validation, test) => (isUntuned(validation, test, c, f1Threshold) ? [classes[c]!] : []),
    prepare: (records, threshold = 0.5) => decideRecords(columnOf(records, c), [threshold])[0]!,
    reduce: (decisions, multiplicity) => value(confusion(decisions, multiplicity)),
  });
  const calibrated = (name: 'brier' | 'ece', scaled: boolean): ClsMetric<number[], BinnedProbabilities[]> => ({
    ...shared,
    name: scaled ? `${name}@temperature` : name,
    better: 'lower',
    ...(name === 'ece' ? { interval: false } : {}),
    ...(scaled ? { fit: (records: readonly ClsRecord[]) => fitTemperatures(records, count) } : {}),
    prepare: (records, temperatures) => binRecords(records, count, temperatures),
    reduce: (bins, multiplicity) => macroMean(bins.map((column) => calibration(column, multiplicity)[name])).value,
  });
  const calibratedClass = (name: 'brier' | 'ece', c: number): ClsMetric<undefined, BinnedProbabilities> => ({
    ...shared,
    ...ofClass(name, c),
    better: 'lower',
    ...(name === 'ece' ? { interval: false } : {}),
    prepare: (records) => binRecords(columnOf(records, c), 1, undefined)[0]!,
    reduce: (bins, multiplicity) => calibration(bins, multiplicity)[name],
  });

  const rankedClass = (
    name: string,
    value: (ranking: Ranking, multiplicity: Multiplicity) => number | undefined,
    c: number,
  ): ClsMetric<undefined, readonly Ranking[]> => ({
    ...ranked(name, (all, m) => value(all[c]!, m)),
    ...ofClass(name, c),
  });
  const macro = (value: (confusion: Confusion) => number | undefined) => (confusions: readonly Confusion[]) =>
    macroMean(confusions.map(value)).value;
  const each = <M>(make: (c: number) => M): M[] => classes.map((_, c) => make(c));
  const metrics = [
    macroRanked('auroc', (all, m) => macroAuroc(all, m).value),
    macroRanked('ap', (all, m) => macroAveragePrecision(all, m).value),
    frequent,
    decided('accuracy', (confusions) => accuracy(sumConfusions(confusions))),
    decided('f1', (confusions) => macroF1(confusions).value),
    decided('f1/micro', (confusions) => microF1(confusions)),
    decided('sensitivity', macro(sensitivity)),
    decided('specificity', macro(specificity)),
    decided('sensitivity@youden', macro(sensitivity), youdenThreshold),
    decided('specificity@youden', macro(specificity), youdenThreshold),
    decided('sensitivity@sensitivity90', macro(sensitivity), atSensitivity90),
    decided('specificity@sensitivity90', macro(specificity), atSensitivity90),
    calibrated('brier', false),
    calibrated('ece', false),
    calibrated('brier', true),
    calibrated('ece', true),
    ...each((c) => ({
      ...rankedClass('auroc', auroc, c),
      test: (first: readonly Ranking[], second: readonly Ranking[], clusters: readonly string[]) =>
        delongTest(first[c]!, second[c]!, { clusters })?.p,
    })),
    ...each((c) => rankedClass('ap', averagePrecision, c)),
    ...each((c) => decidedClass('f1', f1, c)),
    ...each((c) => decidedClass('accuracy', accuracy, c)),
    ...each((c) => decidedClass('sensitivity', sensitivity, c)),
    ...each((c) => decidedClass('specificity', specificity, c)),
    ...each((c) => calibratedClass('brier', c)),
    ...each((c) => calibratedClass('ece', c)),
  ];
  return metrics as unknown as ClsMetric<unknown, never>[];
}

/** The decision threshold of each class on validation records, [C]; 0.5 where the rule finds none. */
export function fitThresholds(
  records: readonly ClsRecord[],
  classes: number,
  rule: ThresholdRule = f1Threshold,
): number[] {
  return rankRecords(records, classes).map((ranking) => rule(ranking)?.threshold ?? 0.5);
}

/** The temperature of each class on validation records, [C]; 1 where none is best. */
export function fitTemperatures(records: readonly ClsRecord[], classes: number): number[] {
  return Array.from({ length: classes }, (_, c) => {
    const { scores, labels, known } = stack(columnOf(records, c), 1);
    return fitTemperature(scores, labels, known) ?? 1;
  });
}

/** A class counts with `least` positive images and one that lacks it. */
function countClasses(classes: readonly string[], rankings: readonly Ranking[], least: number): CountedClass[] {
  return rankings.map(({ positive }, c) => {
    const positives = positive.reduce((a, b) => a + b, 0);
    const negatives = positive.length - positives;
    return { name: classes[c]!, positives, negatives, counted: positives >= least && negatives > 0 };
  });
}

function observeItem({ prediction, label }: Item): ClsRecord {
  return {
    scores: prediction.findings.map(({ probability }) => probability),
    labels: prediction.findings.map((_, c) => (label[c] === undefined ? -1 : Number(label[c]))),
  };
}

function columnOf(records: readonly ClsRecord[], c: number): ClsRecord[] {
  return records.map(({ scores, labels }) => ({ scores: [scores[c]!], labels: [labels[c]!] }));
}

function rankRecords(records: readonly ClsRecord[], classes: number): Ranking[] {
  const { scores, labels, known } = stack(records, classes);
  return rankClasses(scores, labels, classes, known);
}

function decideRecords(records: readonly ClsRecord[], thresholds: readonly number[]): Decisions[] {
  const { scores, labels, known } = stack(records, thresholds.length);
  return decideClasses(scores, labels, thresholds, known);
}

function binRecords(
  records: readonly ClsRecord[],
  classes: number,
  temperatures: readonly number[] | undefined,
): BinnedProbabilities[] {
  return Array.from({ length: classes }, (_, c) => {
    const { scores, labels, known } = stack(columnOf(records, c), 1);
    const temperature = temperatures?.[c];
    const scaled = temperature === undefined ? scores : scores.map((p) => scaleProbability(p, temperature));
    return binProbabilities(scaled, labels, undefined, known);
  });
}

/** [n, columns] row-major matrices. */
function stack(
  records: readonly ClsRecord[],
  columns: number,
): { scores: Float64Array; labels: Uint8Array; known: Uint8Array } {
  const scores = new Float64Array(records.length * columns);
  const labels = new Uint8Array(scores.length);
  const known = new Uint8Array(scores.length);
  records.forEach((record, row) => {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const label = record.labels[column]!;
      scores[at] = record.scores[column]!;
      labels[at] = label === 1 ? 1 : 0;
      known[at] = label === -1 ? 0 : 1;
    }
  });
  return { scores, labels, known };
}

/** Many metrics sort the same records; they share what came of it. */
function remember<I extends object, R>(make: (input: I) => R): (input: I) => R {
  const made = new WeakMap<I, R>();
  return (input) => {
    let result = made.get(input);
    if (result === undefined) made.set(input, (result = make(input)));
    return result;
  };
}
