import { measureDifference, type Logger, type PairedMeasurement, type BootstrapSettings } from '@multichexnet/core';
import { holm } from '@multichexnet/metrics';
import { readPhaseStatistics, type MetricInfo, type MetricPlace, type PhaseRequest } from './phase-statistics.js';

/** The difference of one metric between two phases on the same test images. */
export interface Comparison extends MetricPlace, MetricInfo, PairedMeasurement {
  /** What it is compared with. */
  readonly against: string;
  /** p after Holm, over all comparisons that were made together. */
  readonly adjusted?: number;
  /** Why there is no difference. */
  readonly missing?: string;
}

export interface CompareRequest {
  readonly first: PhaseRequest;
  readonly second: PhaseRequest;
  /** How the second is called. */
  readonly against: string;
  readonly protocol: BootstrapSettings;
  readonly logger: Logger;
}

/**
 * First minus second, by paired bootstrap over patients, for what both have: the metrics asked for, by default the first of each head.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED
 */
export async function comparePhases({
  first,
  second,
  against,
  protocol,
  logger,
}: CompareRequest): Promise<Comparison[]> {
  const [ours, theirs] = [await readPhaseStatistics(first), await readPhaseStatistics(second)];
  const all = (first.only ?? []).length > 0;
  return ours.flatMap(({ metrics, ...place }, i): Comparison[] => {
    const other = theirs.find(
      ({ head, dataset, gate }) => head === place.head && dataset === place.dataset && gate === place.gate,
    );
    logger.progress({ name: `differences of ${place.phase}`, done: i + 1, total: ours.length });
    return metrics.slice(0, all ? undefined : 1).map(({ statistic, ...info }) => {
      const pair = other?.metrics.find(({ metric }) => metric === info.metric);
      const named = { ...place, ...info, against };
      if (pair === undefined) return { ...named, missing: `${against} has no such metric` };
      const difference = measureDifference(statistic, pair.statistic, protocol);
      return difference === undefined ? { ...named, missing: 'other test images' } : { ...named, ...difference };
    });
  });
}

/** Adjusts the p-values of all comparisons together. */
export function adjustComparisons(comparisons: readonly Comparison[]): Comparison[] {
  const adjusted = holm(comparisons.map(({ p }) => p));
  return comparisons.map((comparison, i) => {
    const p = adjusted[i];
    return p === undefined ? comparison : { ...comparison, adjusted: p };
  });
}
