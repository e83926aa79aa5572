import { createRandom } from '@multichexnet/imaging';
import { MultichexnetError } from '../errors.js';
import type { Split, SplitSample } from './sample.js';
import { sourcesOf } from './source-splits.js';

export interface FoldPlan {
  readonly folds: number;
  readonly repeats: number;
  /** What stays together in a fold; default `patient`. With `source` every source of a test image is one that was not trained on. */
  readonly group?: 'patient' | 'source';
}

/**
 * Repeated cross-validation grouped by patient or by source: for every repeat the groups are dealt into folds, those with a positive and those without evenly;
 * a fold's groups are test, the next fold's are validation, the others train. A patient belongs to the source of the first image; one without a source is a
 * group of its own. Two folds leave nothing to validate on.
 * @returns for each repeat and fold the part of every sample
 * @throws MultichexnetError SPLIT_EMPTY for fewer groups than folds
 */
export function foldSplits(
  samples: readonly SplitSample[],
  isPositive: (sample: SplitSample) => boolean,
  { folds, repeats, group = 'patient' }: FoldPlan,
  seed: number,
): Split[][] {
  const groups = groupsOf(samples, group);
  const positives = new Map<string, boolean>();
  for (const [i, sample] of samples.entries()) {
    const key = groups[i] as string;
    positives.set(key, positives.get(key) === true || isPositive(sample));
  }
  if (positives.size < folds)
    throw new MultichexnetError('SPLIT_EMPTY', `${positives.size} ${group}s cannot be dealt into ${folds} folds`);
  return Array.from({ length: repeats }, (_, repeat) => {
    const random = createRandom(seed, 'folds', repeat);
    const fold = new Map<string, number>();
    let dealt = 0;
    for (const wanted of [true, false]) {
      const group = [...positives].flatMap(([key, positive]) => (positive === wanted ? [key] : [])).sort();
      for (const key of random.shuffle(group)) fold.set(key, dealt++ % folds);
    }
    return Array.from({ length: folds }, (_, test) =>
      samples.map((_, i): Split => {
        const own = fold.get(groups[i] as string);
        if (own === test) return 'test';
        return own === (test + 1) % folds && folds > 2 ? 'validation' : 'train';
      }),
    );
  }).flat();
}

/** The group of every sample. */
export function groupsOf(
  samples: readonly Pick<SplitSample, 'patient' | 'source'>[],
  group: 'patient' | 'source',
): string[] {
  if (group === 'patient') return samples.map(({ patient }) => patient.key);
  const sources = sourcesOf(samples);
  return samples.map(({ patient }, i) =>
    sources[i] === undefined ? `patient ${patient.key}` : `source ${sources[i]}`,
  );
}
