import { expect, test } from 'vitest';
import { meanMetric as mean } from './mean-metric.js';
import { FoldStatistic, untunedOf, measure, measureDifference, type FoldRecords } from './measure.js';
import type { EvaluationRecords } from './records.js';

/** The share of numbers that exceed a threshold, the least validation number. */
const above = {
  ...mean,
  name: 'above',
  fit: (records: readonly number[]) => Math.min(...records),
  prepare: (records: readonly number[], least: number | undefined) => records.map((value) => Number(value > least!)),
};

function records(
  name: string,
  rows: readonly (readonly [id: string, patient: string, value: number])[],
): EvaluationRecords {
  return {
    samples: rows.map(([id, patient]) => ({ id, dataset: 'rsna', patient })),
    metrics: { [name]: rows.map(([, , value]) => value) },
  };
}
const none = records('mean', []);
const settings = { resamples: 200, seed: 3 };
const ones = (statistic: FoldStatistic): Uint16Array => new Uint16Array(statistic.clusters.length).fill(1);

test('the value is the mean of the folds, each fold weighing the same', () => {
  const folds: FoldRecords[] = [
    {
      validation: none,
      test: records('mean', [
        ['a', 'p', 1],
        ['b', 'q', 2],
        ['c', 'r', 6],
      ]),
    },
    { validation: none, test: records('mean', [['d', 's', 10]]) },
  ];
  const statistic = new FoldStatistic(mean, folds);
  expect(statistic.clusters).toEqual(['p', 'q', 'r', 's']);
  expect(statistic.images).toEqual(['rsna/a', 'rsna/b', 'rsna/c', 'rsna/d']);
  expect(statistic.value(ones(statistic))).toBe(6.5);
  expect(statistic.value(Uint16Array.of(0, 3, 1, 1))).toBe((3 + 10) / 2);
});

test('a statistic that resampling shifts has a value and no interval', () => {
  const rows = Array.from({ length: 12 }, (_, i) => [`${i}`, `p${i}`, i % 3] as const);
  const folds: FoldRecords[] = [{ validation: none, test: records('mean', rows) }];
  const [plain, shifted] = [{ ...mean }, { ...mean, interval: false } as const].map((metric) =>
    measure(new FoldStatistic(metric, folds), settings),
  );
  expect(plain).toMatchObject({ value: 1, low: expect.any(Number) as number, high: expect.any(Number) as number });
  expect(shifted).toEqual({ value: 1, images: 12, patients: 12 });
});

test('a fold on which the metric is not defined is left out; on none there is no value', () => {
  const folds: FoldRecords[] = [
    { validation: none, test: records('mean', [['a', 'p', 4]]) },
    { validation: none, test: none },
  ];
  const statistic = new FoldStatistic(mean, folds);
  expect(statistic.value(ones(statistic))).toBe(4);
  expect(statistic.value(Uint16Array.of(0))).toBeUndefined();
  expect(new FoldStatistic(mean, []).value(new Uint16Array(0))).toBeUndefined();
});

test('what a metric chooses it chooses on the fold’s own validation part', () => {
  const rows = [
    ['a', 'p', 1],
    ['b', 'q', 5],
  ] as const;
  const folds: FoldRecords[] = [
    { validation: records('above', [['v', 'x', 3]]), test: records('above', rows) },
    { validation: records('above', [['v', 'x', 0]]), test: records('above', rows) },
  ];
  const statistic = new FoldStatistic(above, folds);
  expect(statistic.value(ones(statistic))).toBe((0.5 + 1) / 2);
});

test('what has a default threshold in any fold is told once', () => {
  const part = records('above', [['a', 'p', 1]]);
  const fold = { validation: records('above', []), test: part };
  const untuned = (validation: readonly unknown[]): string[] =>
    validation.length === 0 ? ['Hernia', 'Mass'] : ['Mass'];
  const statistic = new FoldStatistic({ ...above, untuned }, [fold, { validation: part, test: part }]);
  expect(statistic.untuned).toEqual(['Hernia', 'Mass']);
  expect(new FoldStatistic(above, [fold]).untuned).toEqual([]);
  expect(untunedOf([statistic, statistic])).toEqual(['Hernia', 'Mass']);
});

test('a measurement counts images and patients once, repeats or not, and has an interval over patients', () => {
  const rows = Array.from({ length: 40 }, (_, i) => [`i${i}`, `p${i % 20}`, i] as const);
  const test = records('mean', rows);
  const twice = new FoldStatistic(mean, [
    { validation: none, test },
    { validation: none, test },
  ]);
  const result = measure(twice, settings);
  expect(result).toMatchObject({ value: 19.5, images: 40, patients: 20 });
  expect(result.low).toBeLessThan(19.5);
  expect(result.high).toBeGreaterThan(19.5);
  expect(measure(twice, settings)).toEqual(result);
  expect(measure(twice, { ...settings, seed: 4 })).not.toEqual(result);
});

test('patients are drawn whole: one patient’s images give no interval', () => {
  const one = new FoldStatistic(mean, [
    {
      validation: none,
      test: records('mean', [
        ['a', 'p', 1],
        ['b', 'p', 2],
      ]),
    },
  ]);
  expect(measure(one, settings)).toEqual({ value: 1.5, images: 2, patients: 1 });
});

test('no images, and a metric that is nowhere defined, have no value', () => {
  expect(measure(new FoldStatistic(mean, []), settings)).toEqual({ images: 0, patients: 0 });
  const never = { ...mean, reduce: () => undefined };
  const rows = records('mean', [
    ['a', 'p', 1],
    ['b', 'q', 2],
  ]);
  expect(measure(new FoldStatistic(never, [{ validation: none, test: rows }]), settings)).toEqual({
    images: 2,
    patients: 2,
  });
});

test('a metric that the run has no records of is refused', () => {
  const rows = records('mean', [['a', 'p', 1]]);
  const folds = [{ validation: none, test: rows }];
  expect(() => new FoldStatistic({ ...mean, name: 'new' }, folds)).toThrow(
    expect.objectContaining({ code: 'RUN_NO_RECORDS' }),
  );
  expect(measure(new FoldStatistic({ ...mean, name: 'new', record: 'mean' }, folds), settings).value).toBe(1);
});

test('a difference is paired on the same images, drawn together', () => {
  const rows = Array.from({ length: 30 }, (_, i) => [`i${i}`, `p${i}`, Math.sin(i * 7) * 100] as const);
  const shifted = rows.map(([id, patient, value]) => [id, patient, value + 0.5] as const);
  const [first, second] = [shifted, rows].map(
    (own) => new FoldStatistic(mean, [{ validation: none, test: records('mean', own) }]),
  );
  const paired = measureDifference(first!, second!, settings);
  // unpaired the spread would be tens
  expect(paired?.difference).toBeCloseTo(0.5, 9);
  expect(paired?.low).toBeCloseTo(0.5, 9);
  expect(paired?.high).toBeCloseTo(0.5, 9);
  expect(paired?.p).toBeLessThan(0.05);
});

test('a metric’s own test is asked once, on one fold', () => {
  const rows = records('mean', [
    ['a', 'p', 1],
    ['b', 'q', 3],
  ]);
  const tested = {
    ...mean,
    test: (a: unknown, b: unknown, clusters: readonly string[]) => (a === b ? clusters.length / 10 : 0),
  };
  const of = (folds: number): FoldStatistic =>
    new FoldStatistic(
      tested,
      Array.from({ length: folds }, () => ({ validation: none, test: rows })),
    );
  expect(measureDifference(of(1), of(1), settings)?.testP).toBe(0.2);
  expect(measureDifference(of(2), of(2), settings)?.testP).toBeUndefined();
});

test.each([
  [
    'other images',
    [
      ['x', 'p', 1],
      ['b', 'q', 2],
    ],
  ],
  [
    'another order',
    [
      ['b', 'q', 2],
      ['a', 'p', 1],
    ],
  ],
  ['fewer images', [['a', 'p', 1]]],
  ['none', []],
] as const)('%s are not paired', (_, rows) => {
  const of = (own: readonly (readonly [string, string, number])[]): FoldStatistic =>
    new FoldStatistic(mean, [{ validation: none, test: records('mean', own) }]);
  const base = of([
    ['a', 'p', 1],
    ['b', 'q', 2],
  ]);
  expect(measureDifference(base, of(rows), settings)).toBeUndefined();
  expect(measureDifference(of(rows), base, settings)).toBeUndefined();
});

test('classes of a mean are counted once an image, however many folds and repeats test it', () => {
  const signs = {
    ...mean,
    classes: (values: readonly number[]) => {
      const positives = values.filter((value) => value > 0).length;
      return [{ name: 'A', positives, negatives: values.length - positives, counted: positives > 1 }];
    },
  } as const;
  type Row = readonly [string, string, number];
  const [a, b, c]: readonly [Row, Row, Row] = [
    ['a', 'p', 1],
    ['b', 'p', 1],
    ['c', 'q', -1],
  ];
  const of = (...tests: readonly (readonly Row[])[]) =>
    new FoldStatistic(
      signs,
      tests.map((rows) => ({ validation: none, test: records('mean', rows) })),
    ).classes;
  expect(new FoldStatistic(mean, []).classes).toBeUndefined();
  expect(of([a, b, c])).toEqual([{ name: 'A', positives: 2, negatives: 1, counted: true }]);
  expect(of([a, b], [c], [b, c], [a])).toEqual([{ name: 'A', positives: 2, negatives: 1, counted: true }]);
  // No fold has two of its own, so that no fold's mean had the class in it.
  expect(of([a, c], [b])).toEqual([{ name: 'A', positives: 2, negatives: 1, counted: false }]);
});

test('folds of sources: intervals draw sources, a patient of two standing with the first', () => {
  const rows = ['a', 'a', 'b', 'b', 'c', 'c'].map((source, i) => ({
    sample: { id: `i${i}`, dataset: 'd', patient: `p${i === 2 ? 1 : i}`, source },
    value: source === 'a' ? 1 : 0,
  }));
  const fold = (own: typeof rows): FoldRecords => ({
    validation: none,
    test: { samples: own.map(({ sample }) => sample), metrics: { mean: own.map(({ value }) => value) } },
  });
  const folds = [fold(rows), fold(rows)];
  const byPatient = new FoldStatistic(mean, folds);
  const bySource = new FoldStatistic(
    mean,
    folds.map((one) => ({ ...one, clusters: 'source' })),
  );
  expect(byPatient.counts()).toEqual({ images: 6, patients: 5 });
  expect(bySource.counts()).toEqual({ images: 6, patients: 5, sources: 3 });
  expect(bySource.counts([0, 1, 6])).toEqual({ images: 2, patients: 2, sources: 1 });
  expect(bySource.clusters.slice(0, 4)).toEqual(['source a', 'source a', 'source a', 'source b']);
  const [narrow, wide] = [measure(byPatient, settings), measure(bySource, settings)];
  expect(wide).toMatchObject({ images: 6, patients: 5, sources: 3, value: narrow.value });
  expect(wide.high! - wide.low!).toBeGreaterThan(narrow.high! - narrow.low!);
  expect(measureDifference(bySource, bySource, settings)).toMatchObject({ difference: 0 });
});

test('no interval where a tenth of the resamples has no value', () => {
  const present = {
    ...mean,
    reduce: (values: readonly number[], m: Uint16Array) =>
      values.some((v, i) => v > 0 && m[i]! > 0) ? 0.5 : undefined,
  } as const;
  const of = (positives: number) =>
    measure(
      new FoldStatistic(present, [
        {
          validation: none,
          test: records(
            'mean',
            Array.from({ length: 60 }, (_, i) => [`i${i}`, `p${i}`, i < positives ? 1 : 0] as const),
          ),
        },
      ]),
      settings,
    );
  // Of 60 patients a resample lacks one with probability .36, two .13, five .006.
  expect(of(1)).toEqual({ value: 0.5, images: 60, patients: 60 });
  expect(of(2)).toEqual({ value: 0.5, images: 60, patients: 60 });
  expect(of(5)).toEqual({ value: 0.5, low: 0.5, high: 0.5, images: 60, patients: 60 });
});
