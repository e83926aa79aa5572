import {
  assertNotStopped,
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
import { setImmediate } from 'node:timers/promises';
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
  /** Ends the work before the next head. */
  readonly signal?: AbortSignal;
}

/**
 * Every metric of every head of a finished phase; of several seeds the mean, with an interval over seeds and patients.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED, SEEDS_DIFFER; INTERRUPTED, RUN_PREEMPTED
 */
export async function measurePhase(request: MeasureRequest): Promise<MeasuredMetric[]> {
  const { stores, protocol, logger } = request;
  const heads = await readPhaseStatistics(request);
  const all: MeasuredMetric[] = [];
  for (const [i, { metrics, ...place }] of heads.entries()) {
    await breathe(request);
    const measured =
      stores.length === 1
        ? measureAll(
            metrics.flatMap(({ seeds }) => seeds),
            protocol,
          )
        : metrics.map(({ seeds }) => measureSeeds(seeds, protocol));
    logger.progress({ name: `intervals of ${place.phase}`, done: i + 1, total: heads.length });
    for (const [m, { seeds, ...info }] of metrics.entries()) {
      const [first, ...more] = seeds[0]?.fitted ?? [];
      const chosen = more.length === 0 ? first : seeds[0]?.fitted;
      const classes = seeds[0]?.classes;
      const untuned = untunedOf(seeds);
      all.push({
        ...place,
        ...info,
        ...(measured[m] as Measurement),
        ...(first === undefined ? {} : { chosen }),
        ...(classes === undefined ? {} : { classes }),
        ...(untuned.length === 0 ? {} : { untuned }),
      });
    }
  }
  return all;
}

/** Resampling keeps a signal waiting: it is let in between two heads. */
async function breathe({ signal, phase }: MeasureRequest): Promise<void> {
  await setImmediate();
  assertNotStopped(
    signal,
    `stopped in the intervals of ${phase.name}; the run itself is finished: evaluate shows them`,
  );
}

/**
 * Every metric of a finished phase in every group of test images; of several seeds the mean.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED, SEEDS_DIFFER
 */
export async function measureGroups(request: MeasureRequest, by: string): Promise<MeasuredGroup[]> {
  const heads = await readPhaseStatistics(request);
  const all: MeasuredGroup[] = [];
  for (const [i, { metrics, ...place }] of heads.entries()) {
    await breathe(request);
    const measured = measureSeedsSubgroups(
      metrics.map(({ seeds }) => seeds),
      by,
      request.protocol,
    );
    request.logger.progress({ name: `groups of ${place.phase}`, done: i + 1, total: heads.length });
    for (const [m, { seeds, ...info }] of metrics.entries()) {
      const untuned = untunedOf(seeds);
      const told = untuned.length === 0 ? {} : { untuned };
      all.push(...(measured[m] ?? []).map((group) => ({ ...place, ...info, by, ...group, ...told })));
    }
  }
  return all;
}
