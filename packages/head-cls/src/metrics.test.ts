import type { MetricItem, OutputValue } from '@multichexnet/core';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ClsPrediction } from './decode.js';
import type { ClsLabel } from './label.js';
import { clsMetrics, fitThresholds, type ClsRecord } from './metrics.js';

interface Part {
  readonly scores: number[][];
  readonly labels: number[][];
  readonly known: number[][];
}
interface Golden {
  readonly validation: Part;
  readonly test: Part;
  readonly thresholds: number[];
  readonly aurocs: number[];
  readonly [metric: string]: unknown;
}
const golden = JSON.parse(readFileSync(new URL('golden/metrics.json', import.meta.url), 'utf8')) as Golden;
const classes = ['a', 'b', 'c'];
const metrics = clsMetrics(classes);
const named = (name: string) => metrics.find((metric) => metric.name === name)!;

const records = ({ scores, labels, known }: Part, name = 'auroc'): ClsRecord[] =>
  scores.map((row, i) => {
    const label: ClsLabel = labels[i]!.map((value, c) => (known[i]![c] === 1 ? value === 1 : undefined));
    const prediction: ClsPrediction = { findings: row.map((probability, c) => ({ name: classes[c]!, probability })) };
    return named(name).observe({ prediction, label } as unknown as MetricItem<
      ClsLabel,
      readonly [OutputValue],
      ClsPrediction
    >);
  });
const value = (name: string, multiplicity?: Uint16Array): number | undefined => {
  const metric = named(name);
  const on = records(golden.test, name);
  return metric.reduce(
    metric.prepare(on, metric.fit?.(records(golden.validation, name))),
    multiplicity ?? new Uint16Array(on.length).fill(1),
  );
};

test('thresholds are those of the highest F1 on validation, as scikit-learn finds them', () => {
  fitThresholds(records(golden.validation), 3).forEach((threshold, c) =>
    expect(threshold).toBeCloseTo(golden.thresholds[c]!, 6),
  );
});

test.each(['auroc', 'ap', 'accuracy', 'f1', 'f1/micro'])('%s equals scikit-learn over known labels', (name) => {
  expect(value(name)).toBeCloseTo(golden[name] as number, 9);
});

test('each class has its own AUROC', () => {
  expect(classes.map((name) => value(`auroc/${name}`))).toEqual(
    golden.aurocs.map((auroc) => expect.closeTo(auroc, 9) as number),
  );
});

const perClass = JSON.parse(readFileSync(new URL('golden/per-class.json', import.meta.url), 'utf8')) as Record<
  string,
  number
>;

test.each(Object.keys(perClass))('%s equals scikit-learn and scipy over known labels', (name) => {
  expect(value(name)).toBeCloseTo(perClass[name]!, 9);
});

test('a mean over frequent classes leaves out those with fewer than 10 positives', () => {
  const rows = Array.from({ length: 24 }, (_, i) => i);
  const part: Part = {
    scores: rows.map((i) => [i / 24, i / 24, Number(i % 2)]),
    labels: rows.map((i) => [Number(i >= 12), Number(i >= 15), i % 2]),
    known: rows.map(() => [1, 1, 1]),
  };
  const metric = named('auroc@10positives');
  const prepared = metric.prepare(records(part), undefined);
  expect(metric.classes?.(prepared)).toEqual([
    { name: 'a', positives: 12, negatives: 12, counted: true },
    { name: 'b', positives: 9, negatives: 15, counted: false },
    { name: 'c', positives: 12, negatives: 12, counted: true },
  ]);
  expect(metric.reduce(prepared, new Uint16Array(24).fill(1))).toBe(1);
  expect(
    metric.reduce(
      prepared,
      Uint16Array.from(rows, (i) => i % 2),
    ),
  ).toBeUndefined();
  expect(value('auroc@10positives')).toBeCloseTo(golden['auroc'] as number, 9);
});

test('all metrics share one record an image', () => {
  expect(new Set(metrics.map(({ record }) => record))).toEqual(new Set(['findings']));
  const none = metrics.map((metric) => metric.reduce(metric.prepare([], metric.fit?.([])), new Uint16Array(0)));
  expect(none.every((result) => result === undefined)).toBe(true);
});

test('a multiplicity counts images, so a resample of one class is undefined rather than 0 or 1', () => {
  const onlyFirst = new Uint16Array(golden.test.scores.length);
  onlyFirst[0] = 5;
  expect(value('auroc', onlyFirst)).toBeUndefined();
});
