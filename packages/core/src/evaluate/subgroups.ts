import { subgroupIntervals } from '@multichexnet/metrics';
import { toMeasurement, type BootstrapSettings, type FoldStatistic, type Measurement } from './measure.js';
import type { RecordedSample } from './records.js';

/** Upper ends (exclusive) of the bands below the last, years. */
const BANDS = [18, 40, 60, 80] as const;

/** One metric on one group of test images. */
export interface SubgroupMeasurement extends Measurement {
  /** `F`, `40-59`, `AP`, ...; absent = the dataset does not say. */
  readonly group?: string;
}

/** `0-17`, `18-39`, `40-59`, `60-79` or `80+`. */
export function ageBand(years: number): string {
  const at = BANDS.findIndex((end) => years < end);
  const from = at === 0 ? 0 : BANDS.at(at < 0 ? -1 : at - 1);
  return at < 0 ? `${from}+` : `${from}-${(BANDS[at] as number) - 1}`;
}

/**
 * The group of an image.
 * @param by `sex`, `age` (in bands), `view`, `source`, `dataset`, or what the dataset itself calls one of its attributes
 */
export function groupOf(sample: RecordedSample, by: string): string | undefined {
  switch (by) {
    case 'sex':
      return sample.sex;
    case 'age':
      return sample.ageYears === undefined ? undefined : ageBand(sample.ageYears);
    case 'view':
      return sample.view;
    case 'source':
      return sample.source;
    case 'dataset':
      return sample.dataset;
    default:
      return sample.attributes?.[by];
  }
}

/**
 * Several metrics of the same images in every group, with intervals over the group's own patients. Thresholds stay those of all
 * validation images.
 * @returns for each statistic a list of groups, the images of no known group last
 */
export function measureSubgroups(
  statistics: readonly FoldStatistic[],
  by: string,
  { resamples, seed, method = 'percentile' }: BootstrapSettings,
): SubgroupMeasurement[][] {
  const [first] = statistics;
  if (first === undefined || first.samples.length === 0) return statistics.map(() => []);
  const groups = first.samples.map((sample) => groupOf(sample, by));
  const measured = subgroupIntervals({
    clusters: first.clusters,
    groups,
    seed,
    resamples,
    method,
    statistics: (multiplicity) => statistics.map((statistic) => statistic.value(multiplicity)),
  });
  return statistics.map((_, s) =>
    measured.map(({ group, intervals }) => {
      const own = first.images.filter((__, item) => groups[item] === group);
      return {
        ...(group === undefined ? {} : { group }),
        ...toMeasurement(intervals[s]!, new Set(own).size),
      };
    }),
  );
}
