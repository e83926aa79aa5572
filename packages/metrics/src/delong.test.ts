import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auroc } from './auroc.js';
import { bootstrapInterval } from './bootstrap.js';
import { delong, delongTest } from './delong.js';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';
import { rankScores } from './ranking.js';

interface Golden {
  labels: number[];
  first: number[];
  second: number[];
  clusters: number[];
  auroc: number;
  variance: number;
  interval: [number, number];
  clusteredVariance: number;
  difference: number;
  differenceVariance: number;
  differenceInterval: [number, number];
  p: number;
  clusteredDifferenceVariance: number;
  clusteredP: number;
}

const golden = readGolden<Golden>('delong');
const first = rankScores(golden.first, golden.labels);
const second = rankScores(golden.second, golden.labels);
const clusters = Int32Array.from(golden.clusters);

test('numpy, all pairs', () => {
  const plain = delong(first);
  expectNumber(plain?.auroc, golden.auroc, 'AUROC');
  expectNumber(plain?.variance, golden.variance, 'variance');
  expectNumber(plain?.low, golden.interval[0], 'low');
  expectNumber(plain?.high, golden.interval[1], 'high');
  expectNumber(delong(first, { clusters })?.variance, golden.clusteredVariance, 'clustered');
  const paired = delongTest(first, second);
  expectNumber(paired?.difference, golden.difference, 'difference');
  expectNumber(paired?.variance, golden.differenceVariance, 'variance of the difference');
  expectNumber(paired?.low, golden.differenceInterval[0], 'low');
  expectNumber(paired?.high, golden.differenceInterval[1], 'high');
  expectNumber(paired?.p, golden.p, 'p');
  const clustered = delongTest(first, second, { clusters });
  expectNumber(clustered?.variance, golden.clusteredDifferenceVariance, 'clustered');
  expectNumber(clustered?.p, golden.clusteredP, 'clustered p');
});

test('agrees with the bootstrap by patient', () => {
  const interval = delong(first, { clusters })!;
  const sampled = bootstrapInterval({ clusters, seed: 1, resamples: 2000, statistic: (m) => auroc(first, m) });
  const ratio = (sampled.high! - sampled.low!) / (interval.high - interval.low);
  expect(ratio).toBeGreaterThan(0.85);
  expect(ratio).toBeLessThan(1.15);
});

test('one item a patient is no clustering; unknown items do not count', () => {
  const rows = fc.array(fc.record({ score: fc.nat(5), other: fc.nat(5), label: fc.nat(1), known: fc.nat(1) }));
  fc.assert(
    fc.property(rows, (items) => {
      const labels = items.map((r) => r.label);
      const a = items.map((r) => r.score);
      const known = items.map((r) => r.known);
      const own = Int32Array.from(items, (_, i) => i);
      const partial = rankScores(a, labels, known);
      const kept = items.filter((r) => r.known === 1);
      const dense = rankScores(
        kept.map((r) => r.score),
        kept.map((r) => r.label),
      );
      expectNumber(delong(partial, { clusters: own })?.variance, delong(partial)?.variance, 'single items');
      expectNumber(delong(partial)?.variance, delong(dense)?.variance, 'known only');
      const interval = delong(partial);
      if (interval !== undefined) expectNumber(interval.auroc, auroc(partial), 'AUROC');
      const other = rankScores(
        items.map((r) => r.other),
        labels,
        known,
      );
      const there = delongTest(partial, other);
      const back = delongTest(other, partial);
      expectNumber(there?.p, back?.p, 'p turned');
      if (there !== undefined) expectNumber(there.difference, -back!.difference, 'difference turned');
    }),
  );
});

test('degenerate inputs', () => {
  expect(delong(rankScores([1, 2, 3], [1, 0, 0]))).toBeUndefined();
  expect(delong(rankScores([], []))).toBeUndefined();
  expect(delong(rankScores([1, 2, 3, 4], [0, 0, 1, 1]))).toMatchObject({ auroc: 1, variance: 0, low: 1, high: 1 });
  expect(delongTest(first, first)).toMatchObject({ difference: 0, variance: 0, p: 1 });
  const right = rankScores([1, 2, 3, 4], [0, 0, 1, 1]);
  const wrong = rankScores([4, 3, 2, 1], [0, 0, 1, 1]);
  expect(delongTest(right, wrong)).toMatchObject({ difference: 1, variance: 0, p: undefined });
});

test('bad arguments are refused', () => {
  expect(() => delong(first, { level: 95 })).toThrow(expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }));
  expect(() => delong(first, { clusters: ['a'] })).toThrow(
    expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }),
  );
  expect(() => delongTest(first, rankScores([1], [1]))).toThrow(
    expect.objectContaining({ code: 'METRICS_LENGTH_MISMATCH' }),
  );
  const turned = rankScores(
    golden.first,
    golden.labels.map((label) => 1 - label),
  );
  expect(() => delongTest(first, turned)).toThrow(expect.objectContaining({ code: 'METRICS_LABEL_INVALID' }));
});
