import type { HeadMetric, MetricItem, OutputValue } from '@multichexnet/core';
import {
  accuracy,
  auroc,
  averagePrecision,
  confusion,
  decideClasses,
  f1Threshold,
  macroAuroc,
  macroAveragePrecision,
  macroF1,
  microF1,
  rankClasses,
  sumConfusions,
  type Confusion,
  type Decisions,
  type Multiplicity,
  type Ranking,
} from '@multichexnet/metrics';
import type { ClsPrediction } from './decode.js';
import type { ClsLabel } from './label.js';

type Outputs = readonly [OutputValue];

/** One image as plain data: the probability of each class of the metric and its label, -1 where unknown. */
export interface ClsRecord {
  readonly scores: readonly number[];
  readonly labels: readonly number[];
}

type ClsMetric<T, Q> = HeadMetric<ClsLabel, Outputs, ClsPrediction, ClsRecord, T, Q>;
type Item = MetricItem<ClsLabel, Outputs, ClsPrediction>;

/**
 * Metrics over the known (image, class) entries: macro AUROC and AP and each per class, which need no threshold; accuracy and F1 at one threshold per class,
 * chosen on validation records as the one of the highest F1 (0.5 where validation has no positive).
 */
export function clsMetrics(classes: readonly string[]): ClsMetric<unknown, never>[] {
  const all = classes.map((_, c) => c);
  const observeAll = rememberLast((item: Item) => observeItem(item, all));
  const ranked = (
    name: string,
    value: (rankings: readonly Ranking[], multiplicity: Multiplicity) => number | undefined,
    column?: number,
  ): ClsMetric<undefined, readonly Ranking[]> => ({
    name,
    better: 'higher',
    observe: column === undefined ? observeAll : (item) => observeItem(item, [column]),
    prepare: (records) => rankRecords(records, column === undefined ? classes.length : 1),
    reduce: value,
  });
  const decided = (
    name: string,
    value: (confusions: readonly Confusion[]) => number | undefined,
  ): ClsMetric<number[], Decisions[]> => ({
    name,
    better: 'higher',
    observe: observeAll,
    fit: (records) => fitThresholds(records, classes.length),
    prepare: (records, thresholds) => {
      const { scores, labels, known } = stack(records, classes.length);
      return decideClasses(scores, labels, thresholds ?? new Array<number>(classes.length).fill(0.5), known);
    },
    reduce: (decisions, multiplicity) => value(decisions.map((column) => confusion(column, multiplicity))),
  });
  const metrics = [
    ranked('auroc', (rankings, m) => macroAuroc(rankings, m).value),
    ranked('ap', (rankings, m) => macroAveragePrecision(rankings, m).value),
    decided('accuracy', (confusions) => accuracy(sumConfusions(confusions))),
    decided('f1', (confusions) => macroF1(confusions).value),
    decided('f1/micro', (confusions) => microF1(confusions)),
    ...classes.map((name, c) => ranked(`auroc/${name}`, ([ranking], m) => auroc(ranking!, m), c)),
    ...classes.map((name, c) => ranked(`ap/${name}`, ([ranking], m) => averagePrecision(ranking!, m), c)),
  ];
  return metrics as unknown as ClsMetric<unknown, never>[];
}

/** The decision threshold of each class on validation records, [C]. */
export function fitThresholds(records: readonly ClsRecord[], classes: number): number[] {
  return rankRecords(records, classes).map((ranking) => f1Threshold(ranking)?.threshold ?? 0.5);
}

function observeItem({ prediction, label }: Item, columns: readonly number[]): ClsRecord {
  return {
    scores: columns.map((c) => prediction.findings[c]!.probability),
    labels: columns.map((c) => (label[c] === undefined ? -1 : Number(label[c]))),
  };
}

function rankRecords(records: readonly ClsRecord[], columns: number): Ranking[] {
  const { scores, labels, known } = stack(records, columns);
  return rankClasses(scores, labels, columns, known);
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

/** Several metrics of the head observe one item in turn; they share one record of it. */
function rememberLast<I extends object, R>(make: (item: I) => R): (item: I) => R {
  const made = new WeakMap<I, R>();
  return (item) => {
    let record = made.get(item);
    if (record === undefined) made.set(item, (record = make(item)));
    return record;
  };
}
