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

/** One image: what was predicted and what is known, [C] each. */
export interface ClsRecord {
  readonly scores: Float32Array;
  readonly labels: Uint8Array;
  readonly known: Uint8Array;
}

type ClsMetric<T, Q> = HeadMetric<ClsLabel, Outputs, ClsPrediction, ClsRecord, T, Q>;
type Item = MetricItem<ClsLabel, Outputs, ClsPrediction>;

/**
 * Metrics over the known (image, class) entries: macro AUROC and AP and each per class, which need no threshold; accuracy and F1 at one threshold per class,
 * chosen on validation records as the one of the highest F1 (0.5 where validation has no positive).
 */
export function clsMetrics(classes: readonly string[]): ClsMetric<unknown, never>[] {
  const observe = rememberLast(observeItem);
  const count = classes.length;
  const ranked = (
    name: string,
    value: (rankings: readonly Ranking[], multiplicity: Multiplicity) => number | undefined,
    columns = classes.map((_, c) => c),
  ): ClsMetric<undefined, readonly Ranking[]> => ({
    name,
    better: 'higher',
    observe,
    prepare: (records) => rankRecords(records, columns),
    reduce: value,
  });
  const decided = (
    name: string,
    value: (confusions: readonly Confusion[]) => number | undefined,
  ): ClsMetric<number[], Decisions[]> => ({
    name,
    better: 'higher',
    observe,
    fit: (records) => fitThresholds(records, count),
    prepare: (records, thresholds) => {
      const { scores, labels, known } = stack(
        records,
        classes.map((_, c) => c),
      );
      return decideClasses(scores, labels, thresholds ?? new Array<number>(count).fill(0.5), known);
    },
    reduce: (decisions, multiplicity) => value(decisions.map((column) => confusion(column, multiplicity))),
  });
  const metrics = [
    ranked('auroc', (rankings, m) => macroAuroc(rankings, m).value),
    ranked('ap', (rankings, m) => macroAveragePrecision(rankings, m).value),
    decided('accuracy', (confusions) => accuracy(sumConfusions(confusions))),
    decided('f1', (confusions) => macroF1(confusions).value),
    decided('f1/micro', (confusions) => microF1(confusions)),
    ...classes.map((name, c) => ranked(`auroc/${name}`, ([ranking], m) => auroc(ranking!, m), [c])),
    ...classes.map((name, c) => ranked(`ap/${name}`, ([ranking], m) => averagePrecision(ranking!, m), [c])),
  ];
  return metrics as unknown as ClsMetric<unknown, never>[];
}

/** The decision threshold of each class on validation records, [C]. */
export function fitThresholds(records: readonly ClsRecord[], classes: number): number[] {
  return rankRecords(
    records,
    Array.from({ length: classes }, (_, c) => c),
  ).map((ranking) => f1Threshold(ranking)?.threshold ?? 0.5);
}

function observeItem({ prediction, label }: Item): ClsRecord {
  return {
    scores: Float32Array.from(prediction.findings, ({ probability }) => probability),
    labels: Uint8Array.from(label, (value) => (value === true ? 1 : 0)),
    known: Uint8Array.from(label, (value) => (value === undefined ? 0 : 1)),
  };
}

function rankRecords(records: readonly ClsRecord[], columns: readonly number[]): Ranking[] {
  const { scores, labels, known } = stack(records, columns);
  return rankClasses(scores, labels, columns.length, known);
}

/** [n, columns] row-major matrices. */
function stack(
  records: readonly ClsRecord[],
  columns: readonly number[],
): { scores: Float32Array; labels: Uint8Array; known: Uint8Array } {
  const width = columns.length;
  const scores = new Float32Array(records.length * width);
  const labels = new Uint8Array(scores.length);
  const known = new Uint8Array(scores.length);
  records.forEach((record, row) =>
    columns.forEach((from, column) => {
      const at = row * width + column;
      scores[at] = record.scores[from]!;
      labels[at] = record.labels[from]!;
      known[at] = record.known[from]!;
    }),
  );
  return { scores, labels, known };
}

/** All metrics of the head observe one item in turn; they share one record of it. */
function rememberLast<I extends object, R>(make: (item: I) => R): (item: I) => R {
  const made = new WeakMap<I, R>();
  return (item) => {
    let record = made.get(item);
    if (record === undefined) made.set(item, (record = make(item)));
    return record;
  };
}
