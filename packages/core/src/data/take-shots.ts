import { MultichexnetError } from '../errors.js';
import { patientFraction } from './assign-splits.js';
import type { SplitSample } from './sample.js';

/** So many training images with a finding and as many known to be without it. */
export interface ShotsConfig {
  readonly finding: string;
  readonly count: number;
}

/**
 * Few-shot training: of the given samples `count` with the finding and `count` without, as many patients as there are before a second image of one. The
 * order depends on the seed alone, so that fewer shots lie inside more.
 * @returns indices into `samples`, ascending
 * @throws MultichexnetError DATA_FEW_SHOTS when there are fewer of either
 */
export function takeShots(
  samples: readonly SplitSample[],
  indices: readonly number[],
  { finding, count }: ShotsConfig,
  seed: number,
): number[] {
  const taken = [true, false].flatMap((wanted) => {
    const seen = new Map<string, number>();
    const ordered = indices
      .flatMap((index) => {
        const { id, patient, labels } = samples[index] as SplitSample;
        return labels.findings[finding] === wanted ? [{ index, id, patient: patient.key }] : [];
      })
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((shot) => {
        const nth = seen.get(shot.patient) ?? 0;
        seen.set(shot.patient, nth + 1);
        return { ...shot, nth, place: patientFraction(seed, `shot ${shot.patient}`) };
      })
      .sort((a, b) => a.nth - b.nth || a.place - b.place);
    if (ordered.length < count)
      throw new MultichexnetError(
        'DATA_FEW_SHOTS',
        `${count} training images ${wanted ? 'with' : 'known to be without'} ${finding} wanted, ${ordered.length} found; ask for fewer shots`,
      );
    return ordered.slice(0, count).map(({ index }) => index);
  });
  return taken.sort((a, b) => a - b);
}
