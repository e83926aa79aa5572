import { expect, test } from 'vitest';
import { meanMetric as mean } from './mean-metric.js';
import { FoldStatistic, measure } from './measure.js';
import type { EvaluationRecords, RecordedSample } from './records.js';
import { measureSeeds } from './measure-seeds.js';
import { ageBand, groupOf, measureSeedsSubgroups, measureSubgroups } from './subgroups.js';

test.each([
  [0, '0-17'],
  [17.9, '0-17'],
  [18, '18-39'],
  [59, '40-59'],
  [60, '60-79'],
  [80, '80+'],
  [94, '80+'],
])('%d years are %s', (years, band) => {
  expect(ageBand(years)).toBe(band);
});

const sample = (i: number): RecordedSample => ({
  id: `i${i}`,
  dataset: 'rsna',
  patient: `p${i % 20}`,
  ...(i % 3 === 0 ? {} : { sex: i % 3 === 1 ? 'F' : 'M' }),
  ageYears: i,
  attributes: { class: i % 2 === 0 ? 'Normal' : 'Lung Opacity' },
});
const rows = (keep: (i: number) => boolean): EvaluationRecords => {
  const kept = Array.from({ length: 60 }, (_, i) => i).filter(keep);
  return { samples: kept.map(sample), metrics: { mean: kept } };
};
const none: EvaluationRecords = { samples: [], metrics: { mean: [] } };
const statistic = (keep: (i: number) => boolean): FoldStatistic =>
  new FoldStatistic(mean, [{ validation: none, test: rows(keep) }]);
const settings = { resamples: 100, seed: 2 };

test('a group measures what its images alone would; unknown comes last', () => {
  const [groups] = measureSubgroups([statistic(() => true)], 'sex', settings);
  expect(groups).toEqual([
    {
      group: 'F',
      ...measure(
        statistic((i) => i % 3 === 1),
        settings,
      ),
    },
    {
      group: 'M',
      ...measure(
        statistic((i) => i % 3 === 2),
        settings,
      ),
    },
    measure(
      statistic((i) => i % 3 === 0),
      settings,
    ),
  ]);
  expect(groups?.[0]).toMatchObject({ images: 20, patients: 20 });
});

test('groups are made of what the dataset says, its own attributes too', () => {
  const one = sample(41);
  expect(groupOf(one, 'age')).toBe('40-59');
  expect(groupOf(one, 'dataset')).toBe('rsna');
  expect(groupOf(one, 'class')).toBe('Lung Opacity');
  expect([groupOf(one, 'view'), groupOf(one, 'source'), groupOf(one, 'nothing')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(measureSubgroups([statistic(() => false)], 'sex', settings)).toEqual([[]]);
  expect(measureSubgroups([], 'sex', settings)).toEqual([]);
});

test('groups over seeds: means over seeds, with the interval that their images alone would have', () => {
  const shifted = (by: number, keep: (i: number) => boolean): FoldStatistic => {
    const { samples, metrics } = rows(keep);
    const values = (metrics['mean'] as readonly number[]).map((value) => value + by);
    return new FoldStatistic(mean, [{ validation: none, test: { samples, metrics: { mean: values } } }]);
  };
  const seeds = (keep: (i: number) => boolean): FoldStatistic[] => [0, 6, 12].map((by) => shifted(by, keep));
  const [groups] = measureSeedsSubgroups([seeds(() => true)], 'sex', settings);
  expect(groups).toEqual([
    { group: 'F', ...measureSeeds(seeds((i) => i % 3 === 1), settings) }, // prettier-ignore
    { group: 'M', ...measureSeeds(seeds((i) => i % 3 === 2), settings) }, // prettier-ignore
    measureSeeds(seeds((i) => i % 3 === 0), settings), // prettier-ignore
  ]);
  expect(groups?.[0]?.value).toBe(28 + 1.5 + 6);
  const one = [statistic(() => true)];
  expect(measureSeedsSubgroups([one], 'sex', settings)).toEqual(measureSubgroups(one, 'sex', settings));
  expect(() => measureSeedsSubgroups([[shifted(0, () => true), shifted(0, (i) => i > 5)]], 'sex', settings)).toThrow(
    expect.objectContaining({ code: 'SEEDS_DIFFER' }),
  );
});
