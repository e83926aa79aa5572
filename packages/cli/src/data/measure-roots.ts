import { assignSplits, type Logger } from '@multichexnet/core';
import { DEFAULT_SPLITS, describeRoot, type RootStats } from './describe-root.js';
import { findDuplicates, type DuplicateGroup, type HashedImage } from './find-duplicates.js';
import type { OpenedRoot } from './open-roots.js';
import { surveyImages } from './survey-images.js';

export interface RootsStats {
  readonly datasets: readonly RootStats[];
  /** Images that look the same, within and across datasets; empty when no pixels were read. */
  readonly duplicates: readonly DuplicateGroup[];
}

/** Counts of every root, and images that are in them twice. */
export async function measureRoots(roots: readonly OpenedRoot[], pixels: boolean, logger: Logger): Promise<RootsStats> {
  const datasets: RootStats[] = [];
  const hashed: HashedImage[] = [];
  const { samples } = assignSplits(
    roots.map(({ index }) => index),
    DEFAULT_SPLITS,
  );
  for (const [r, { kind, index }] of roots.entries()) {
    const survey = pixels ? await surveyImages(index.samples, index.root, logger) : undefined;
    datasets.push(describeRoot(index, survey));
    for (const [i, { id, image, patient }] of index.samples.entries()) {
      const hash = survey?.images[i]?.hash;
      const part = samples[r]?.[i]?.split;
      if (hash !== undefined && part !== undefined)
        hashed.push({ dataset: kind, id, file: image, patient: patient.key, part, hash });
    }
  }
  // What does harm first.
  const duplicates = findDuplicates(hashed).sort(
    (a, b) => Number(b.acrossParts) - Number(a.acrossParts) || Number(a.samePatient) - Number(b.samePatient),
  );
  return { datasets, duplicates };
}
