import { expect, test } from 'vitest';
import { auroc } from './auroc.js';
import { bootstrapInterval } from './bootstrap.js';
import { decide } from './decisions.js';
import { expectNumber } from './golden/expect-number.js';
import { holm } from './holm.js';
import { weightedMean } from './macro-mean.js';
import { mcnemar } from './mcnemar.js';
import { multiTaskGain } from './multi-task-gain.js';
import { rankScores } from './ranking.js';
import { seedsBootstrap } from './seeds-bootstrap.js';
import { subgroupIntervals } from './subgroups.js';
import { fitTemperature, scaleProbability } from './temperature.js';
import { sensitivityThreshold } from './thresholds.js';

const refuse = (run: () => unknown, code: string) => expect(run).toThrow(expect.objectContaining({ code }));

test('McNemar is refused where patients repeat, save among items of unknown label', () => {
  const first = decide([1, 0, 1], [1, 1, 1], 0.5, [1, 1, 0]);
  const second = decide([0, 1, 1], [1, 1, 1], 0.5, [1, 1, 0]);
  expect(mcnemar(first, second, ['a', 'b', 'a'])).toEqual({ firstOnly: 1, secondOnly: 1, p: 1 });
  refuse(() => mcnemar(first, second, ['a', 'a', 'b']), 'METRICS_PATIENT_REPEATS');
  refuse(() => mcnemar(first, second, ['a', 'b']), 'METRICS_LENGTH_MISMATCH');
  refuse(() => mcnemar(first, decide([1, 1, 1], [0, 1, 1], 0.5), ['a', 'b', 'c']), 'METRICS_LABEL_INVALID');
});

test('Holm leaves out what was not tested', () => {
  expect(holm([undefined, 0.02, undefined, 0.03])).toEqual([undefined, 0.04, undefined, 0.04]);
  expect(holm([])).toEqual([]);
  refuse(() => holm([0.5, 1.5]), 'METRICS_OPTION_INVALID');
  refuse(() => holm([NaN]), 'METRICS_OPTION_INVALID');
});

test('Delta m, by hand: (0.55 - 0.5) / 0.5 and, lower being better, -(0.9 - 1) / 1', () => {
  const up = { multiTask: 0.55, singleTask: 0.5, better: 'higher' } as const;
  const down = { multiTask: 0.9, singleTask: 1, better: 'lower' } as const;
  expectNumber(multiTaskGain([up, down]), 0.1, 'both better');
  expectNumber(multiTaskGain([up, { ...down, better: 'higher' }]), 0, 'they cancel');
  expect(multiTaskGain([])).toBeUndefined();
  expect(multiTaskGain([up, { ...down, multiTask: undefined }])).toBeUndefined();
  expect(multiTaskGain([up, { ...down, singleTask: 0 }])).toBeUndefined();
});

const values = Array.from({ length: 60 }, (_, i) => Math.sin(i * 7) + 2);
const clusters = values.map((_, i) => `p${i % 30}`);
const mean = (numbers: readonly number[]) => (multiplicity: Uint16Array) =>
  weightedMean(numbers, undefined, multiplicity);

test('seeds that agree give the patients’ interval, seeds that differ a wider one', () => {
  const one = bootstrapInterval({ clusters, seed: 5, statistic: mean(values) });
  const same = seedsBootstrap({ clusters, seed: 5, statistics: [mean(values), mean(values), mean(values)] });
  expect(same).toMatchObject({ seeds: 3, clusters: 30, resamples: 1000, dropped: 0 });
  expectNumber(same.value, one.value, 'value');
  expectNumber(same.low, one.low, 'low');
  expectNumber(same.high, one.high, 'high');
  const shifted = [-1, 0, 1].map((by) => mean(values.map((value) => value + by)));
  const spread = seedsBootstrap({ clusters, seed: 5, statistics: shifted });
  expectNumber(spread.value, one.value, 'value');
  spread.perSeed.forEach((value, i) => expectNumber(value, one.value! + i - 1, `seed ${i}`));
  // the mean of 3 draws of -1, 0, 1 has variance 2/9
  const width = spread.high! - spread.low!;
  expect(width / (2 * 1.96 * Math.sqrt(2 / 9))).toBeGreaterThan(0.8);
  expect(width / (2 * 1.96 * Math.sqrt(2 / 9))).toBeLessThan(1.3);
});

test('seeds whose difference is clear have a small p, one seed has no interval', () => {
  const better = [0.9, 1, 1.1].map((by) => mean(values.map(() => by)));
  expect(seedsBootstrap({ clusters, seed: 1, statistics: better }).p).toBeLessThan(0.01);
  const single = seedsBootstrap({ clusters, seed: 1, statistics: [mean(values)] });
  expect([single.low, single.p, single.resamples]).toEqual([undefined, undefined, 0]);
  expect(single.value).toBeDefined();
  const none = seedsBootstrap({ clusters, seed: 1, statistics: [mean(values), () => undefined] });
  expect([none.value, none.low]).toEqual([undefined, undefined]);
  refuse(() => seedsBootstrap({ clusters, seed: 1, statistics: [] }), 'METRICS_OPTION_INVALID');
  refuse(() => seedsBootstrap({ clusters, seed: 1, statistics: [() => NaN] }), 'METRICS_STATISTIC_INVALID');
});

test('a subgroup is what its items alone would give', () => {
  const labels = values.map((_, i) => (i % 3 === 0 ? 1 : 0));
  const ranking = rankScores(values, labels);
  const groups = values.map((_, i) => (i % 2 === 0 ? 'F' : i % 5 === 0 ? undefined : 'M'));
  const table = subgroupIntervals({ clusters, groups, seed: 3, statistics: (m) => [auroc(ranking, m)] });
  expect(table.map(({ group }) => group)).toEqual(['F', 'M', undefined]);
  for (const { group, items, intervals } of table) {
    const own = [...values.keys()].filter((i) => groups[i] === group);
    const pick = <T>(all: readonly T[]): T[] => own.map((i) => all[i]!);
    const alone = rankScores(pick(values), pick(labels));
    expect(items).toBe(own.length);
    expect(intervals).toEqual([
      bootstrapInterval({ clusters: pick(clusters), seed: 3, statistic: (m) => auroc(alone, m) }),
    ]);
  }
  refuse(() => subgroupIntervals({ clusters, groups: [], seed: 3, statistics: () => [1] }), 'METRICS_LENGTH_MISMATCH');
});

test('temperature has no finite optimum without errors, without relation, or without items', () => {
  expect(fitTemperature([0.9, 0.1], [1, 0])).toBeUndefined();
  expect(fitTemperature([0.9, 0.1], [0, 1])).toBeUndefined();
  expect(fitTemperature([0.5, 0.5], [0, 1])).toBeUndefined();
  expect(fitTemperature([], [])).toBeUndefined();
  expect(fitTemperature([1, 1, 0, 1], [1, 0, 0, 7], [1, 1, 1, 0])).toBeGreaterThan(1);
  expect(scaleProbability(0.5, 3)).toBe(0.5);
  expect(scaleProbability(1, 1)).toBeLessThan(1);
  refuse(() => scaleProbability(0.5, 0), 'METRICS_OPTION_INVALID');
  refuse(() => scaleProbability(0.5, Infinity), 'METRICS_OPTION_INVALID');
});

test('a wanted sensitivity is above 0 and up to 1', () => {
  const ranking = rankScores([1], [1]);
  for (const wanted of [0, 1.01, NaN]) {
    refuse(() => sensitivityThreshold(ranking, wanted), 'METRICS_OPTION_INVALID');
  }
  expect(sensitivityThreshold(rankScores([1], [0]), 0.9)).toBeUndefined();
});
