import { bootstrapInterval, multiTaskGain } from '@multichexnet/metrics';
import { toMeasurement, type BootstrapSettings, type FoldStatistic, type Measurement } from './measure.js';

/** One task's metric under the multi-task model and under its single-task baseline, on the same images. */
export interface TaskPair {
  readonly multiTask: FoldStatistic;
  readonly singleTask: FoldStatistic;
  readonly better: 'higher' | 'lower';
}

/**
 * Delta m, the mean relative gain over tasks (0.02 = 2 % better), with an interval: a resample draws patients of all tasks' images together, by
 * their global key, so that one who is in two tasks' test parts is drawn for both.
 */
export function measureGain(tasks: readonly TaskPair[], { resamples, seed, method }: BootstrapSettings): Measurement {
  const images = tasks.flatMap(({ multiTask }) => multiTask.images);
  if (images.length === 0) return { images: 0, patients: 0 };
  const interval = bootstrapInterval({
    clusters: tasks.flatMap(({ multiTask }) => multiTask.clusters),
    seed,
    resamples,
    ...(method === undefined ? {} : { method }),
    statistic: (multiplicity) => {
      let at = 0;
      return multiTaskGain(
        tasks.map(({ multiTask, singleTask, better }) => {
          const own = multiplicity.subarray(at, (at += multiTask.clusters.length));
          return { multiTask: multiTask.value(own), singleTask: singleTask.value(own), better };
        }),
      );
    },
  });
  return toMeasurement(interval, new Set(images).size);
}
