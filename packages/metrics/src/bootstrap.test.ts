import { describe, expect, test } from 'vitest';
import { auroc } from './auroc.js';
import { bootstrapInterval, bootstrapIntervals } from './bootstrap.js';
import { expectNumber } from './golden/expect-number.js';
import { readGolden } from './golden/read-golden.js';
import { weightedMean } from './macro-mean.js';
import { normalCdf, normalQuantile } from './normal-distribution.js';
import { pairedBootstrap } from './paired-bootstrap.js';
import { philox } from './philox.js';
import { rankScores } from './ranking.js';
import { createResampler } from './resample-clusters.js';

interface Golden {
  clusters: string[];
  labels: number[];
  first: number[];
  second: number[];
  seed: number;
  resamples: number;
  level: number;
  draws: number[][];
  value: number;
  percentile: [number, number];
  bca: [number, number];
  difference: number;
  differenceInterval: [number, number];
  p: number;
}

const golden = readGolden<Golden>('bootstrap');
const { clusters, seed, resamples, level } = golden;
const first = rankScores(golden.first, golden.labels);
const second = rankScores(golden.second, golden.labels);

test('Philox4x32-10, the known answers of Random123', () => {
  const words = new Uint32Array(4);
  philox(0, 0, 0, 0, 0, 0, words);
  expect([...words]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const ones = 0xffffffff;
  philox(ones, ones, ones, ones, ones, ones, words);
  expect([...words]).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, words);
  expect([...words]).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
});

test('normal distribution, scipy', () => {
  const normal = readGolden<{ x: number[]; cdf: number[]; p: number[]; quantile: number[] }>('normal');
  normal.x.forEach((x, i) => expect(Math.abs(normalCdf(x) / normal.cdf[i]! - 1), `Phi(${x})`).toBeLessThan(1e-12));
  normal.p.forEach((p, i) => expectNumber(normalQuantile(p), normal.quantile[i], `quantile of ${p}`));
});

describe('numpy', () => {
  test('draws', () => {
    const resampler = createResampler(clusters, seed);
    const firstSeen = [...new Set(clusters)];
    golden.draws.forEach((draw, index) => {
      expect([...resampler.draw(index)]).toEqual(clusters.map((name) => draw[firstSeen.indexOf(name)]));
    });
  });

  test('percentile and BCa intervals', () => {
    const statistic = (m: Uint16Array) => auroc(first, m);
    const percentile = bootstrapInterval({ clusters, seed, resamples, level, statistic });
    expectNumber(percentile.value, golden.value, 'value');
    expectNumber(percentile.low, golden.percentile[0], 'low');
    expectNumber(percentile.high, golden.percentile[1], 'high');
    const bca = bootstrapInterval({ clusters, seed, resamples, level, statistic, method: 'bca' });
    expectNumber(bca.low, golden.bca[0], 'BCa low');
    expectNumber(bca.high, golden.bca[1], 'BCa high');
    expect(percentile).toMatchObject({ resamples, dropped: 0, clusters: new Set(clusters).size, method: 'percentile' });
  });

  test('paired difference', () => {
    const paired = pairedBootstrap({
      clusters,
      seed,
      resamples,
      level,
      first: (m) => auroc(first, m),
      second: (m) => auroc(second, m),
    });
    expectNumber(paired.difference, golden.difference, 'difference');
    expectNumber(paired.low, golden.differenceInterval[0], 'low');
    expectNumber(paired.high, golden.differenceInterval[1], 'high');
    expectNumber(paired.p, golden.p, 'p');
  });
});

const mean = (values: ArrayLike<number>) => (m: Uint16Array) => weightedMean(values, undefined, m);
const singles = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

test('the same seed gives the same interval, another one another', () => {
  const values = Float64Array.from({ length: 30 }, (_, i) => (i * 7919) % 31);
  const run = (s: number) => bootstrapInterval({ clusters: singles(30), seed: s, statistic: mean(values) });
  expect(run(7)).toEqual(run(7));
  expect(run(8).low).not.toBe(run(7).low);
  expect(run(2 ** 32 + 7).low).not.toBe(run(7).low);
  expect(run(7).resamples).toBe(1000);
});

test('several statistics in one pass equal each on its own', () => {
  const options = { clusters, seed, resamples: 100 };
  const [a, b] = bootstrapIntervals({ ...options, statistics: (m) => [auroc(first, m), auroc(second, m)] });
  expect(a).toEqual(bootstrapInterval({ ...options, statistic: (m) => auroc(first, m) }));
  expect(b).toEqual(bootstrapInterval({ ...options, statistic: (m) => auroc(second, m) }));
});

test('items of one patient are drawn together', () => {
  const resampler = createResampler(['a', 'b', 'a', 'c', 'b'], 3);
  for (let index = 0; index < 50; index++) {
    const m = resampler.draw(index);
    expect(m[0]).toBe(m[2]);
    expect(m[1]).toBe(m[4]);
    expect(m[0]! + m[1]! + m[3]!).toBe(3);
  }
});

test('resamples without a value are dropped and counted', () => {
  const rare = rankScores([0.1, 0.2, 0.9, 0.4, 0.3, 0.5], [0, 0, 1, 0, 0, 0]);
  const interval = bootstrapInterval({ clusters: singles(6), seed: 1, statistic: (m) => auroc(rare, m) });
  expect(interval.resamples + interval.dropped).toBe(1000);
  expect(interval.dropped / 1000).toBeCloseTo((5 / 6) ** 6, 1);
  expect(interval.value).toBe(1);
  expect(interval.low).toBe(1);
});

test('too little to go on gives no interval, never a wrong one', () => {
  const none = bootstrapInterval({ clusters: singles(4), seed: 1, statistic: () => undefined, method: 'bca' });
  expect(none).toMatchObject({ value: undefined, low: undefined, high: undefined, resamples: 0, dropped: 1000 });
  const onePatient = bootstrapInterval({ clusters: ['a', 'a'], seed: 1, statistic: mean([1, 2]) });
  expect(onePatient).toMatchObject({ value: 1.5, low: undefined, high: undefined, resamples: 0, clusters: 1 });
  const few = bootstrapInterval({ clusters: singles(4), seed: 1, resamples: 39, statistic: mean([1, 2, 3, 4]) });
  expect(few).toMatchObject({ value: 2.5, low: undefined, resamples: 39 });
  const enough = bootstrapInterval({ clusters: singles(4), seed: 1, resamples: 40, statistic: mean([1, 2, 3, 4]) });
  expect(enough.low).toBeGreaterThanOrEqual(1);
  const empty = bootstrapInterval({ clusters: [], seed: 1, statistic: mean([]) });
  expect(empty).toMatchObject({ value: undefined, low: undefined, clusters: 0 });
  const noItems = bootstrapInterval({ clusters: [], seed: 1, statistic: () => 1, method: 'bca' });
  expect(noItems).toMatchObject({ value: 1, low: undefined, high: undefined });
  const constant = bootstrapInterval({
    clusters: singles(9),
    seed: 1,
    statistic: mean(Array(9).fill(2)),
    method: 'bca',
  });
  expect(constant).toMatchObject({ value: 2, low: 2, high: 2 });
});

test('BCa of many patients leaves out groups of them, of a value outside every resample stays inside them', () => {
  const values = Float64Array.from({ length: 1200 }, (_, i) => ((i * 7919) % 1201) ** 3 / 1e9);
  let calls = 0;
  const statistic = (m: Uint16Array) => (calls++, weightedMean(values, undefined, m));
  const bca = bootstrapInterval({ clusters: singles(1200), seed: 1, statistic, method: 'bca', resamples: 300 });
  expect(calls).toBe(1 + 300 + 500);
  const plain = bootstrapInterval({ clusters: singles(1200), seed: 1, statistic, resamples: 300 });
  expect(Math.abs(bca.low! - plain.low!)).toBeLessThan(0.2 * (plain.high! - plain.low!));
  let first = true;
  const outside = (m: Uint16Array) => {
    if (!first) return weightedMean(values, undefined, m);
    first = false;
    return 99;
  };
  const odd = bootstrapInterval({ clusters: singles(1200), seed: 1, statistic: outside, method: 'bca' });
  expect(odd.low).toBeLessThan(odd.high!);
});

test('equal models differ by 0 with p = 1; a model better on every resample has the smallest p, never 0', () => {
  const values = [1, 4, 2, 8, 5, 7, 3];
  const options = { clusters: singles(7), seed: 4, resamples: 999 };
  const same = pairedBootstrap({ ...options, first: mean(values), second: mean(values) });
  expect(same).toMatchObject({ difference: 0, low: 0, high: 0, p: 1 });
  const better = pairedBootstrap({ ...options, first: mean(values.map((v) => v + 1)), second: mean(values) });
  expectNumber(better.difference, 1, 'difference');
  expectNumber(better.p, 2 / 1000, 'p');
  const turned = pairedBootstrap({ ...options, first: mean(values), second: mean(values.map((v) => v + 1)) });
  expectNumber(turned.p, 2 / 1000, 'p turned');
});

test('too little to go on gives no difference, never a wrong one', () => {
  const values = [1, 2, 3, 4];
  const run = (change: object) =>
    pairedBootstrap({ clusters: singles(4), seed: 1, first: mean(values), second: mean([4, 1, 1, 1]), ...change });
  const none = { low: undefined, high: undefined, p: undefined };
  expect(run({ resamples: 39 })).toMatchObject({ ...none, difference: 0.75, resamples: 39, dropped: 0 });
  expect(run({ resamples: 40 }).p).toBeGreaterThan(0);
  expect(run({ clusters: ['a', 'a', 'a', 'a'] })).toMatchObject({
    ...none,
    difference: 0.75,
    resamples: 0,
    dropped: 0,
  });
  expect(run({ second: () => undefined })).toMatchObject({
    ...none,
    difference: undefined,
    resamples: 0,
    dropped: 1000,
  });
  let calls = 0;
  const laterOnly = (m: Uint16Array) => (calls++ === 0 ? undefined : mean(values)(m));
  expect(run({ first: laterOnly })).toMatchObject({ ...none, first: undefined, resamples: 1000 });
  expect(() => run({ first: () => NaN })).toThrow(expect.objectContaining({ code: 'METRICS_STATISTIC_INVALID' }));
  expect(() => run({ level: 0 })).toThrow(expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }));
});

test('bad options are refused', () => {
  const run = (change: object) => () =>
    bootstrapInterval({ clusters: singles(3), seed: 1, statistic: mean([1, 2, 3]), ...change });
  for (const change of [{ seed: -1 }, { seed: 0.5 }, { resamples: 0 }, { level: 1 }, { level: 95 }]) {
    expect(run(change)).toThrow(expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }));
  }
  expect(run({ statistic: () => NaN })).toThrow(expect.objectContaining({ code: 'METRICS_STATISTIC_INVALID' }));
  expect(run({ clusters: new Int32Array(2 ** 21 + 1).map((_, i) => i) })).toThrow(
    expect.objectContaining({ code: 'METRICS_OPTION_INVALID' }),
  );
  let calls = 0;
  const changing = () => (calls++ === 0 ? [1] : [1, 2]);
  expect(() => bootstrapIntervals({ clusters: singles(3), seed: 1, statistics: changing })).toThrow(
    expect.objectContaining({ code: 'METRICS_STATISTIC_INVALID' }),
  );
});

/** Uniform numbers in (0, 1), four a call, for the simulations. */
function uniforms(stream: number): () => number {
  const words = new Uint32Array(4);
  let next = 0;
  return () => {
    if (next % 4 === 0) philox(next / 4, stream, 1, 0, 2024, 0, words);
    return (words[next++ % 4]! + 0.5) / 2 ** 32;
  };
}

test('simulated: the interval by patient covers, the one by image does not', { timeout: 120_000 }, () => {
  const patients = 40;
  const images = 5;
  const trials = 200;
  const owner = Int32Array.from({ length: patients * images }, (_, i) => Math.floor(i / images));
  let byPatient = 0;
  let byImage = 0;
  for (let trial = 0; trial < trials; trial++) {
    const uniform = uniforms(trial);
    const normal = () => normalQuantile(uniform());
    const effects = Float64Array.from({ length: patients }, normal);
    // Mean 0; images of a patient share an effect as large as their own noise: intraclass correlation 1/2.
    const values = Float64Array.from(owner, (patient) => effects[patient]! + normal());
    const covers = (clusters: Int32Array) => {
      const { low, high } = bootstrapInterval({ clusters, seed: trial, resamples: 400, statistic: mean(values) });
      return low! <= 0 && high! >= 0 ? 1 : 0;
    };
    byPatient += covers(owner);
    byImage += covers(singles(owner.length));
  }
  expect(byPatient / trials).toBeGreaterThan(0.88);
  expect(byPatient / trials).toBeLessThan(0.99);
  expect(byImage / trials).toBeLessThan(0.82);
});
