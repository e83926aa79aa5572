import { seedsBootstrap, type SeedsInterval, type Statistic } from '@multichexnet/metrics';
import { MultichexnetError } from '../errors.js';
import { measure, measureDifference, saysEnough, type BootstrapSettings, type FoldStatistic } from './measure.js';
import type { Counts, Measurement, PairedMeasurement } from './measure.js';

/**
 * One network trained from several seeds, measured on the same images: the mean over seeds, with an interval over seeds and patients. One seed alone is
 * {@link measure}d.
 * @throws MultichexnetError SEEDS_DIFFER when the seeds were not tested on the same images
 */
export function measureSeeds(seeds: readonly FoldStatistic[], settings: BootstrapSettings): Measurement {
  const first = seeds[0] as FoldStatistic;
  if (seeds.length === 1) return measure(first, settings);
  const counts = first.counts();
  if (counts.images === 0) return counts;
  return toSeedsMeasurement(bootstrap(seeds, seeds.map(valueOf), settings), counts, first);
}

/** The difference of two networks, seed by seed on the same images; undefined when the two were not measured on the same ones. */
export function measureSeedsDifference(
  first: readonly FoldStatistic[],
  second: readonly FoldStatistic[],
  settings: BootstrapSettings,
): PairedMeasurement | undefined {
  const [a, b] = [first[0], second[0]];
  if (a === undefined || b === undefined || first.length !== second.length) return undefined;
  if (first.length === 1) return measureDifference(a, b, settings);
  if (a.images.length === 0 || a.images.join('\n') !== b.images.join('\n')) return undefined;
  const differences = first.map((seed, i): Statistic => {
    const other = second[i] as FoldStatistic;
    return (multiplicity) => {
      const [x, y] = [seed.value(multiplicity), other.value(multiplicity)];
      return x === undefined || y === undefined ? undefined : x - y;
    };
  });
  const interval = bootstrap([...first, ...second], differences, settings);
  return { ...given(interval, 'difference'), ...(interval.p === undefined ? {} : { p: interval.p }) };
}

/** @throws MultichexnetError SEEDS_DIFFER when the lists are not the same */
export function assertSameImages(seeds: readonly (readonly string[])[]): void {
  const key = seeds[0]?.join('\n');
  if (seeds.some((images) => images.join('\n') !== key))
    throw new MultichexnetError(
      'SEEDS_DIFFER',
      'the seeds of a run were not tested on the same images in the same order; were their folders mixed with those of another run?',
    );
}

/** @param of whose interval it is, where it is one statistic's */
export function toSeedsMeasurement(interval: SeedsInterval, counts: Counts, of?: FoldStatistic): Measurement {
  const { value } = interval;
  const told = of?.hasInterval !== false && saysEnough(interval);
  return { ...(told ? given(interval, 'value') : value === undefined ? {} : { value }), ...counts };
}

const valueOf =
  (seed: FoldStatistic): Statistic =>
  (multiplicity) =>
    seed.value(multiplicity);

function bootstrap(
  measured: readonly FoldStatistic[],
  statistics: readonly Statistic[],
  { resamples, seed }: BootstrapSettings,
): SeedsInterval {
  assertSameImages(measured.map(({ images }) => images));
  const [first] = measured as [FoldStatistic, ...FoldStatistic[]];
  return seedsBootstrap({ clusters: first.clusters, statistics, resamples, seed });
}

function given<Name extends string>(
  { value, low, high }: SeedsInterval,
  name: Name,
): { [K in Name | 'low' | 'high']?: number } {
  const entries = Object.entries({ [name]: value, low, high }).filter(([, number]) => number !== undefined);
  return Object.fromEntries(entries) as { [K in Name | 'low' | 'high']?: number };
}
