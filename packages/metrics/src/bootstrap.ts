import { MetricsError } from './errors.js';
import { bcaLevels, quantile } from './interval.js';
import { createResampler, type ClusterResampler } from './resample-clusters.js';

/**
 * A statistic of a resample: multiplicity [n] in, a number out, undefined where it has none (AUROC of one class). The
 * array is reused for the next resample: read it, do not keep it.
 */
export type Statistic = (multiplicity: Uint16Array) => number | undefined;

export interface BootstrapOptions {
  /** The patient of each item, shape [n]: patients are drawn with replacement, their items come together. */
  readonly clusters: readonly string[] | Int32Array;
  /** Integer from 0 to 2^53 - 1; the same seed draws the same resamples for every statistic. */
  readonly seed: number;
  /** Default 1000. */
  readonly resamples?: number;
  /** Confidence level in (0, 1), default 0.95. */
  readonly level?: number;
  /** `percentile` (default) or `bca`: bias-corrected and accelerated, Efron 1987. */
  readonly method?: IntervalMethod;
}

export type IntervalMethod = 'percentile' | 'bca';

export interface BootstrapInterval {
  /** The statistic of the items themselves. */
  readonly value: number | undefined;
  /** undefined when fewer than 2 / (1 - level) resamples have a value (40 at 95 %), or there are fewer than 2 clusters. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Resamples whose statistic had a value. */
  readonly resamples: number;
  /** Resamples whose statistic was undefined, left out of the interval. */
  readonly dropped: number;
  readonly clusters: number;
  readonly level: number;
  readonly method: IntervalMethod;
}

/**
 * Confidence interval by the cluster bootstrap. Percentile: the (1 - level) / 2 and (1 + level) / 2 quantiles (linear
 * between order statistics) of the statistic over resamples of as many clusters as there are.
 *
 * @throws {MetricsError} METRICS_OPTION_INVALID; METRICS_STATISTIC_INVALID when the statistic returns NaN
 */
export function bootstrapInterval(options: BootstrapOptions & { readonly statistic: Statistic }): BootstrapInterval {
  const { statistic, ...rest } = options;
  return bootstrapIntervals({ ...rest, statistics: (multiplicity) => [statistic(multiplicity)] })[0]!;
}

/**
 * {@link bootstrapInterval} of several statistics in one pass over the resamples, e.g. of every class and their mean.
 *
 * @param options `statistics` returns the same number of values each time
 */
export function bootstrapIntervals(
  options: BootstrapOptions & {
    readonly statistics: (multiplicity: Uint16Array) => readonly (number | undefined)[];
  },
): BootstrapInterval[] {
  const { clusters, seed, statistics, resamples = 1000, level = 0.95, method = 'percentile' } = options;
  assertBootstrap(resamples, level);
  const resampler = createResampler(clusters, seed);
  const measure = (multiplicity: Uint16Array) => checked(statistics(multiplicity));
  const values = measure(resampler.leaveOut(0, 0));
  const replicates = values.map(() => new Float64Array(resamples));
  const effective = new Uint32Array(values.length);
  if (resampler.clusters > 1) {
    for (let index = 0; index < resamples; index++) {
      const drawn = measure(resampler.draw(index));
      if (drawn.length !== values.length) {
        throw new MetricsError(
          'METRICS_STATISTIC_INVALID',
          `the statistics returned ${drawn.length} values, ${values.length} before: return undefined for a missing one`,
        );
      }
      for (let s = 0; s < replicates.length; s++) {
        const value = drawn[s];
        if (value !== undefined) replicates[s]![effective[s]!++] = value;
      }
    }
  }
  const jackknife = method === 'bca' ? jackknifeClusters(resampler, values.length, measure) : undefined;

  return values.map((value, s) => {
    const count = effective[s]!;
    const sorted = replicates[s]!.subarray(0, count).sort();
    const enough = value !== undefined && count >= 2 / (1 - level) - 1e-9;
    const [low, high] =
      enough && jackknife !== undefined
        ? bcaLevels(sorted, value, jackknife[s]!, level)
        : [(1 - level) / 2, (1 + level) / 2];
    return {
      value,
      low: enough ? quantile(sorted, low) : undefined,
      high: enough ? quantile(sorted, high) : undefined,
      resamples: count,
      dropped: resampler.clusters > 1 ? resamples - count : 0,
      clusters: resampler.clusters,
      level,
      method,
    };
  });
}

/** @throws {MetricsError} METRICS_OPTION_INVALID */
export function assertBootstrap(resamples: number, level: number): void {
  if (!Number.isInteger(resamples) || resamples < 1) {
    throw new MetricsError('METRICS_OPTION_INVALID', `resamples is ${resamples}: a positive integer wanted`);
  }
  if (!(level > 0 && level < 1)) {
    throw new MetricsError('METRICS_OPTION_INVALID', `level is ${level}: a number between 0 and 1 wanted, like 0.95`);
  }
}

/** A statistic without a value says undefined; NaN is a fault of the caller's and must not reach a table. */
export function checked<V extends readonly (number | undefined)[]>(values: V): V {
  if (values.some((value) => Number.isNaN(value))) {
    throw new MetricsError(
      'METRICS_STATISTIC_INVALID',
      'the statistic returned NaN: return undefined where it has no value',
    );
  }
  return values;
}

/** At most this many groups of clusters are left out in turn, so that BCa stays cheap for thousands of patients. */
const JACKKNIFE_GROUPS = 500;

/** Each statistic with one group of clusters left out, over the groups; undefined ones are left out. */
function jackknifeClusters(
  resampler: ClusterResampler,
  count: number,
  measure: (multiplicity: Uint16Array) => readonly (number | undefined)[],
): number[][] {
  const groups = Math.min(resampler.clusters, JACKKNIFE_GROUPS);
  const all: number[][] = Array.from({ length: count }, () => []);
  for (let group = 0; group < groups; group++) {
    const from = Math.floor((group * resampler.clusters) / groups);
    const to = Math.floor(((group + 1) * resampler.clusters) / groups);
    const values = measure(resampler.leaveOut(from, to));
    all.forEach((kept, s) => {
      const value = values[s];
      if (value !== undefined) kept.push(value);
    });
  }
  return all;
}
