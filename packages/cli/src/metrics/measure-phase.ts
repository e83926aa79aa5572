import {
  measureAll,
  measureSubgroups,
  type BootstrapSettings,
  type Logger,
  type Measurement,
  type SubgroupMeasurement,
} from '@multichexnet/core';
import { readPhaseStatistics, type MetricInfo, type MetricPlace, type PhaseRequest } from './phase-statistics.js';

/** One metric of one head on the test part of one dataset, with its interval. */
export interface MeasuredMetric extends MetricPlace, MetricInfo, Measurement {
  /** What was chosen on validation images: a threshold, one a class, temperatures; a list of these with several folds. */
  readonly chosen?: unknown;
}

/** The same in one group of images. */
export interface MeasuredGroup extends MetricPlace, MetricInfo, SubgroupMeasurement {
  readonly by: string;
}

export interface MeasureRequest extends PhaseRequest {
  readonly protocol: BootstrapSettings;
  readonly logger: Logger;
}

/**
 * Every metric of every head of a finished phase.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED
 */
export async function measurePhase(request: MeasureRequest): Promise<MeasuredMetric[]> {
  const heads = await readPhaseStatistics(request);
  return heads.flatMap(({ metrics, ...place }, i) => {
    const measured = measureAll(
      metrics.map(({ statistic }) => statistic),
      request.protocol,
    );
    request.logger.progress({ name: `intervals of ${place.phase}`, done: i + 1, total: heads.length });
    return metrics.map(({ statistic, ...info }, m) => {
      const [first, ...more] = statistic.fitted;
      const chosen = more.length === 0 ? first : statistic.fitted;
      return { ...place, ...info, ...(measured[m] as Measurement), ...(first === undefined ? {} : { chosen }) };
    });
  });
}

/**
 * Every metric of a finished phase in every group of test images.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED
 */
export async function measureGroups(request: MeasureRequest, by: string): Promise<MeasuredGroup[]> {
  const heads = await readPhaseStatistics(request);
  return heads.flatMap(({ metrics, ...place }, i) => {
    const measured = measureSubgroups(
      metrics.map(({ statistic }) => statistic),
      by,
      request.protocol,
    );
    request.logger.progress({ name: `groups of ${place.phase}`, done: i + 1, total: heads.length });
    return metrics.flatMap(({ statistic: _, ...info }, m) =>
      (measured[m] ?? []).map((group) => ({ ...place, ...info, by, ...group })),
    );
  });
}
