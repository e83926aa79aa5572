import { bootstrapInterval, multiTaskGain, seedsBootstrap, type Statistic } from '@multichexnet/metrics';
import { toMeasurement, type BootstrapSettings, type FoldStatistic, type Measurement } from './measure.js';
import { assertSameImages, toSeedsMeasurement } from './measure-seeds.js';

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
  const images = imagesOf(tasks);
  if (images.length === 0) return { images: 0, patients: 0 };
  const interval = bootstrapInterval({
    clusters: clustersOf(tasks),
    seed,
    resamples,
    ...(method === undefined ? {} : { method }),
    statistic: gainOf(tasks),
  });
  return toMeasurement(interval, { images: new Set(images).size, patients: interval.clusters });
}

/**
 * The mean over seeds of {@link measureGain}, multi-task model and baselines of one seed against each other, with a percentile interval over seeds and
 * patients. One seed alone is measured as it is.
 * @param seeds the same tasks in the same order for every seed
 * @throws MultichexnetError SEEDS_DIFFER when the seeds were not tested on the same images
 */
export function measureSeedsGain(seeds: readonly (readonly TaskPair[])[], settings: BootstrapSettings): Measurement {
  const first = seeds[0] ?? [];
  if (seeds.length <= 1) return measureGain(first, settings);
  const images = imagesOf(first);
  assertSameImages(seeds.map(imagesOf));
  if (images.length === 0) return { images: 0, patients: 0 };
  const { resamples, seed } = settings;
  const interval = seedsBootstrap({ clusters: clustersOf(first), seed, resamples, statistics: seeds.map(gainOf) });
  return toSeedsMeasurement(interval, { images: new Set(images).size, patients: interval.clusters });
}

const imagesOf = (tasks: readonly TaskPair[]): string[] => tasks.flatMap(({ multiTask }) => multiTask.images);
const clustersOf = (tasks: readonly TaskPair[]): string[] => tasks.flatMap(({ multiTask }) => multiTask.clusters);

/** Of multiplicities that go through the images of the first task, then through those of the next. */
function gainOf(tasks: readonly TaskPair[]): Statistic {
  return (multiplicity) => {
    let at = 0;
    return multiTaskGain(
      tasks.map(({ multiTask, singleTask, better }) => {
        const own = multiplicity.subarray(at, (at += multiTask.clusters.length));
        return { multiTask: multiTask.value(own), singleTask: singleTask.value(own), better };
      }),
    );
  };
}
