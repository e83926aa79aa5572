import {
  measureAll,
  measureSeeds,
  measureSeedsSubgroups,
  untunedOf,
  type BootstrapSettings,
  type CountedClass,
  type Logger,
  type Measurement,
  type SubgroupMeasurement,
} from '@multichexnet/core';
import { readPhaseStatistics, type MetricInfo, type MetricPlace, type PhaseRequest } from './phase-statistics.js';

/** One metric of one head on the test part of one dataset, with its interval. */
export interface MeasuredMetric extends MetricPlace, MetricInfo, Measurement {
  /** What the first seed chose on validation images: a threshold, one a class, temperatures; a list of these with several folds. */
  readonly chosen?: unknown;
  /** For what a default threshold stands in, since validation has no image to choose one by. */
  readonly untuned?: readonly string[];
  /** Of a mean over classes: what each class has in the test images. */
  readonly classes?: readonly CountedClass[];
}

/** The same in one group of images. */
export interface MeasuredGroup extends MetricPlace, MetricInfo, SubgroupMeasurement {
  readonly by: string;
  readonly untuned?: readonly string[];
}

export interface MeasureRequest extends PhaseRequest {
  readonly protocol: BootstrapSettings;
  readonly logger: Logger;
}

/**
 * Every metric of every head of a finished phase; of several seeds the mean, with an interval over seeds and patients.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED, SEEDS_DIFFER
 */
export async function measurePhase(request: MeasureRequest): Promise<MeasuredMetric[]> {
  const { stores, protocol, logger } = request;
  const heads = await readPhaseStatistics(request);
  return heads.flatMap(({ metrics, ...place }, i) => {
    const measured =
      stores.length === 1
        ? measureAll(
            metrics.flatMap(({ seeds }) => seeds),
            protocol,
          )
        : metrics.map(({ seeds }) => measureSeeds(seeds, protocol));
    logger.progress({ name: `intervals of ${place.phase}`, done: i + 1, total: heads.length });
    return metrics.map(({ seeds, ...info }, m) => {
      const [first, ...more] = seeds[0]?.fitted ?? [];
      const chosen = more.length === 0 ? first : seeds[0]?.fitted;
      const classes = seeds[0]?.classes;
      const untuned = untunedOf(seeds);
      return {
        ...place,
        ...info,
        ...(measured[m] as Measurement),
        ...(first === undefined ? {} : { chosen }),
        ...(classes === undefined ? {} : { classes }),
        ...(untuned.length === 0 ? {} : { untuned }),
      };
    });
  });
}

/**
 * Every metric of a finished phase in every group of test images; of several seeds the mean.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED, SEEDS_DIFFER
 */
export async function measureGroups(request: MeasureRequest, by: string): Promise<MeasuredGroup[]> {
  const heads = await readPhaseStatistics(request);
  return heads.flatMap(({ metrics, ...place }, i) => {
    const measured = measureSeedsSubgroups(
      metrics.map(({ seeds }) => seeds),
      by,
      request.protocol,
    );
    request.logger.progress({ name: `groups of ${place.phase}`, done: i + 1, total: heads.length });
    return metrics.flatMap(({ seeds, ...info }, m) => {
      const untuned = untunedOf(seeds);
      const told = untuned.length === 0 ? {} : { untuned };
      return (measured[m] ?? []).map((group) => ({ ...place, ...info, by, ...group, ...told }));
    });
  });
}
