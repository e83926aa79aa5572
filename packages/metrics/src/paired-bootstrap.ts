import { assertBootstrap, checked, type BootstrapOptions, type Statistic } from './bootstrap.js';
import { quantile } from './interval.js';
import { createResampler } from './resample-clusters.js';

export interface PairedDifference {
  readonly first: number | undefined;
  readonly second: number | undefined;
  /** first - second on the items themselves; undefined when either is. */
  readonly difference: number | undefined;
  /** Percentile interval of the difference; undefined as in `BootstrapInterval`. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Two-sided; undefined when the interval is. */
  readonly p: number | undefined;
  readonly resamples: number;
  readonly dropped: number;
  readonly clusters: number;
  readonly level: number;
  readonly method: 'percentile';
}

/**
 * Difference of two statistics of the same items (two models on the same images), both taken on the same resamples of
 * clusters, so that what the two share cancels.
 *
 * The p value inverts the percentile interval: with B resamples of difference d*,
 * `p = min(1, 2 (min(#{d* <= 0}, #{d* >= 0}) + 1) / (B + 1))`; the +1 keeps it above 0 (Davison and Hinkley 1997, 4.2).
 *
 * @throws {MetricsError} METRICS_OPTION_INVALID; METRICS_STATISTIC_INVALID when a statistic returns NaN
 */
export function pairedBootstrap(
  options: Omit<BootstrapOptions, 'method'> & { readonly first: Statistic; readonly second: Statistic },
): PairedDifference {
  const { clusters, seed, resamples = 1000, level = 0.95 } = options;
  assertBootstrap(resamples, level);
  const resampler = createResampler(clusters, seed);
  const whole = resampler.leaveOut(0, 0);
  const [first, second] = checked([options.first(whole), options.second(whole)]);
  const differences = new Float64Array(resamples);
  let count = 0;
  let notAbove = 0;
  let notBelow = 0;
  if (resampler.clusters > 1) {
    for (let index = 0; index < resamples; index++) {
      const drawn = resampler.draw(index);
      const [a, b] = checked([options.first(drawn), options.second(drawn)]);
      if (a === undefined || b === undefined) continue;
      const difference = a - b;
      differences[count++] = difference;
      if (difference <= 0) notAbove++;
      if (difference >= 0) notBelow++;
    }
  }
  const sorted = differences.subarray(0, count).sort();
  const difference = first === undefined || second === undefined ? undefined : first - second;
  const enough = difference !== undefined && count >= 2 / (1 - level) - 1e-9;
  return {
    first,
    second,
    difference,
    low: enough ? quantile(sorted, (1 - level) / 2) : undefined,
    high: enough ? quantile(sorted, (1 + level) / 2) : undefined,
    p: enough ? Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (count + 1)) : undefined,
    resamples: count,
    dropped: resampler.clusters > 1 ? resamples - count : 0,
    clusters: resampler.clusters,
    level,
    method: 'percentile',
  };
}
