import { assertBootstrap, checked, type BootstrapOptions, type Statistic } from './bootstrap.js';
import { MetricsError } from './errors.js';
import { quantile } from './interval.js';
import { createResampler } from './resample-clusters.js';

export interface SeedsInterval {
  /** Mean over seeds on the items themselves; undefined when one of them is. */
  readonly value: number | undefined;
  readonly perSeed: readonly (number | undefined)[];
  /** Percentile interval; undefined with fewer than 2 seeds or clusters, or too few resamples with a value. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Two-sided p of a value of 0, for a statistic that is a difference; see `PairedDifference.p`. */
  readonly p: number | undefined;
  readonly resamples: number;
  readonly dropped: number;
  readonly seeds: number;
  readonly clusters: number;
  readonly level: number;
}

/**
 * Several training seeds measured on the same items, combined by a two-level bootstrap: a resample draws as many seeds
 * as there are, with replacement, and, crossed with them, as many clusters (patients); its value is the mean over the
 * drawn seeds of their statistic on the drawn clusters. The interval covers both which patients were tested and which
 * seeds were trained. With few seeds the spread between them is underrated, by (S - 1) / S in variance.
 *
 * @param options `statistics`: one per seed, of the same items; for two methods pass differences of paired seeds
 * @throws {MetricsError} METRICS_OPTION_INVALID; METRICS_STATISTIC_INVALID when a statistic returns NaN
 */
export function seedsBootstrap(
  options: Omit<BootstrapOptions, 'method'> & { readonly statistics: readonly Statistic[] },
): SeedsInterval {
  const { clusters, seed, statistics, resamples = 1000, level = 0.95 } = options;
  assertBootstrap(resamples, level);
  if (statistics.length === 0) {
    throw new MetricsError('METRICS_OPTION_INVALID', 'statistics is empty: one per seed wanted');
  }
  const resampler = createResampler(clusters, seed);
  const whole = resampler.leaveOut(0, 0);
  const perSeed = checked(statistics.map((statistic) => statistic(whole)));
  const value = meanOf(
    perSeed,
    perSeed.map(() => 1),
  );
  const possible = resampler.clusters > 1 && statistics.length > 1;
  const replicates = new Float64Array(resamples);
  let count = 0;
  let notAbove = 0;
  let notBelow = 0;
  for (let index = 0; possible && index < resamples; index++) {
    const copies = resampler.drawOthers(index, statistics.length);
    const multiplicity = resampler.draw(index);
    const values = statistics.map((statistic, s) => (copies[s] === 0 ? undefined : statistic(multiplicity)));
    const mean = meanOf(checked(values), copies);
    if (mean === undefined) continue;
    replicates[count++] = mean;
    if (mean <= 0) notAbove++;
    if (mean >= 0) notBelow++;
  }
  const sorted = replicates.subarray(0, count).sort();
  const enough = value !== undefined && count >= 2 / (1 - level) - 1e-9;
  return {
    value,
    perSeed,
    low: enough ? quantile(sorted, (1 - level) / 2) : undefined,
    high: enough ? quantile(sorted, (1 + level) / 2) : undefined,
    p: enough ? Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (count + 1)) : undefined,
    resamples: count,
    dropped: possible ? resamples - count : 0,
    seeds: statistics.length,
    clusters: resampler.clusters,
    level,
  };
}

/** Mean of the seeds that were drawn, each as often; undefined when one of them is. */
function meanOf(values: readonly (number | undefined)[], copies: ArrayLike<number>): number | undefined {
  let sum = 0;
  for (let s = 0; s < values.length; s++) {
    if (copies[s] === 0) continue;
    const value = values[s];
    if (value === undefined) return undefined;
    sum += copies[s]! * value;
  }
  return sum / values.length;
}
