import { expect, test } from 'vitest';
import { meanMetric as mean } from './mean-metric.js';
import { FoldStatistic } from './measure.js';
import { measureGain, measureSeedsGain } from './measure-gain.js';

const none = { samples: [], metrics: { mean: [] } };
const statistic = (dataset: string, values: readonly number[]): FoldStatistic => {
  const samples = values.map((_, i) => ({ id: `i${i}`, dataset, patient: `p${i % 25}` }));
  return new FoldStatistic(mean, [{ validation: none, test: { samples, metrics: { mean: values } } }]);
};
const settings = { resamples: 400, seed: 1 };
const noisy = (level: number): number[] => Array.from({ length: 50 }, (_, i) => level + 0.1 * Math.sin(i * 5));

test('the mean relative gain over tasks, lower being better for one of them', () => {
  const tasks = [
    { multiTask: statistic('rsna', [0.6, 0.6]), singleTask: statistic('rsna', [0.5, 0.5]), better: 'higher' },
    { multiTask: statistic('siim', [0.9]), singleTask: statistic('siim', [1]), better: 'lower' },
  ] as const;
  expect(measureGain(tasks, settings)).toMatchObject({
    value: expect.closeTo(0.15, 9) as number,
    images: 3,
    patients: 2,
  });
});

test('a patient of two tasks is drawn for both: what they share cancels', () => {
  const values = noisy(0.5);
  const doubled = values.map((value) => 2 * value);
  const gain = measureGain(
    [
      { multiTask: statistic('rsna', doubled), singleTask: statistic('rsna', values), better: 'higher' },
      { multiTask: statistic('siim', doubled), singleTask: statistic('siim', values), better: 'higher' },
    ],
    settings,
  );
  expect(gain.value).toBeCloseTo(1, 9);
  expect([gain.low, gain.high]).toEqual([expect.closeTo(1, 9), expect.closeTo(1, 9)]);
  expect(gain).toMatchObject({ images: 100, patients: 25 });
});

test('the interval widens with noise; without images there is no number', () => {
  const task = (level: number, reversed: boolean) => ({
    multiTask: statistic('rsna', reversed ? noisy(level).reverse() : noisy(level)),
    singleTask: statistic('rsna', noisy(0.5)),
    better: 'higher' as const,
  });
  const gain = measureGain([task(0.55, true)], settings);
  expect(gain.low).toBeLessThan(gain.value!);
  expect(gain.high).toBeGreaterThan(gain.value!);
  expect(measureGain([task(0.55, true)], { ...settings, method: 'bca' }).low).toBeDefined();
  expect(measureGain([], settings)).toEqual({ images: 0, patients: 0 });
});

test('over seeds: the mean of the gains, an interval wider than with seeds that agree, and seeds of other images are refused', () => {
  const task = (level: number, seen: number) => ({
    multiTask: statistic('rsna', noisy(level)),
    singleTask: statistic('rsna', noisy(0.5).slice(0, seen)),
    better: 'higher' as const,
  });
  const seeds = (levels: readonly number[]) => levels.map((level) => [task(level, 50)]);
  const spread = measureSeedsGain(seeds([0.5, 0.6, 0.7]), settings);
  const single = [0.5, 0.6, 0.7].map((level) => measureGain([task(level, 50)], settings).value!);
  expect(spread.value).toBeCloseTo(single.reduce((a, b) => a + b) / 3, 12);
  expect(spread).toMatchObject({ images: 50, patients: 25 });
  const agreed = measureSeedsGain(seeds([0.6, 0.6, 0.6]), settings);
  expect(spread.high! - spread.low!).toBeGreaterThan(agreed.high! - agreed.low!);
  expect(measureSeedsGain(seeds([0.6]), settings)).toEqual(measureGain([task(0.6, 50)], settings));
  const other = { ...task(0.6, 50), multiTask: statistic('siim', noisy(0.6)) };
  expect(() => measureSeedsGain([[task(0.6, 50)], [other]], settings)).toThrow(
    expect.objectContaining({ code: 'SEEDS_DIFFER' }),
  );
});
