import { seedsBootstrap, subgroupIntervals, type Statistic } from '@multichexnet/metrics';
import { assertSameImages, toSeedsMeasurement } from './measure-seeds.js';
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
      const own = [...groups.keys()].filter((item) => groups[item] === group);
      return {
        ...(group === undefined ? {} : { group }),
        ...toMeasurement(intervals[s]!, first.counts(own), statistics[s]),
      };
    }),
  );
}

/**
 * {@link measureSubgroups} of one network trained from several seeds: means over seeds, with intervals over seeds and the group's own patients. One seed
 * alone is measured as it is.
 * @param metrics of every metric its statistic of every seed
 * @throws MultichexnetError SEEDS_DIFFER when the seeds were not tested on the same images
 */
export function measureSeedsSubgroups(
  metrics: readonly (readonly FoldStatistic[])[],
  by: string,
  settings: BootstrapSettings,
): SubgroupMeasurement[][] {
  const first = metrics[0]?.[0];
  if (first === undefined || first.samples.length === 0) return metrics.map(() => []);
  if (metrics[0]?.length === 1) return measureSubgroups(metrics.map(([only]) => only as FoldStatistic), by, settings); // prettier-ignore
  for (const seeds of metrics) assertSameImages(seeds.map(({ images }) => images));
  const { resamples, seed } = settings;
  const groups = first.samples.map((sample) => groupOf(sample, by));
  const members = [...new Set(groups)].sort(unknownLast).map((group) => ({
    group,
    items: groups.flatMap((own, item) => (own === group ? [item] : [])),
  }));
  return metrics.map((seeds) =>
    members.map(({ group, items }) => {
      const interval = seedsBootstrap({
        clusters: items.map((item) => first.clusters[item] as string),
        statistics: seeds.map((statistic) => within(items, statistic)),
        resamples,
        seed,
      });
      return {
        ...(group === undefined ? {} : { group }),
        ...toSeedsMeasurement(interval, first.counts(items), seeds[0]),
      };
    }),
  );
}

/** A statistic of some of its images: the others count 0 times. */
function within(items: readonly number[], statistic: FoldStatistic): Statistic {
  const whole = new Uint16Array(statistic.images.length);
  return (multiplicity) => {
    items.forEach((item, i) => (whole[item] = multiplicity[i] as number));
    return statistic.value(whole);
  };
}

function unknownLast(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  return a < b ? -1 : 1;
}
