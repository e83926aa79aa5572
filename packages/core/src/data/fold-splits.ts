import { createRandom } from '@multichexnet/imaging';
import { MultichexnetError } from '../errors.js';
import type { Split, SplitSample } from './sample.js';

export interface FoldPlan {
  readonly folds: number;
  readonly repeats: number;
}

/**
 * Repeated cross-validation grouped by patient: for every repeat the patients are dealt into folds, positives and negatives evenly; a fold's patients are
 * test, the next fold's are validation, the others train.
 * Two folds leave nothing to validate on.
 * @returns for each repeat and fold the part of every sample
 * @throws MultichexnetError SPLIT_EMPTY for fewer patients than folds
 */
export function foldSplits(
  samples: readonly SplitSample[],
  isPositive: (sample: SplitSample) => boolean,
  { folds, repeats }: FoldPlan,
  seed: number,
): Split[][] {
  const positives = new Map<string, boolean>();
  for (const sample of samples)
    positives.set(sample.patient.key, positives.get(sample.patient.key) === true || isPositive(sample));
  if (positives.size < folds)
    throw new MultichexnetError('SPLIT_EMPTY', `${positives.size} patients cannot be dealt into ${folds} folds`);
  return Array.from({ length: repeats }, (_, repeat) => {
    const random = createRandom(seed, 'folds', repeat);
    const fold = new Map<string, number>();
    let dealt = 0;
    for (const wanted of [true, false]) {
      const group = [...positives].flatMap(([key, positive]) => (positive === wanted ? [key] : [])).sort();
      for (const key of random.shuffle(group)) fold.set(key, dealt++ % folds);
    }
    return Array.from({ length: folds }, (_, test) =>
      samples.map(({ patient }): Split => {
        const own = fold.get(patient.key);
        if (own === test) return 'test';
        return own === (test + 1) % folds && folds > 2 ? 'validation' : 'train';
      }),
    );
  }).flat();
}
