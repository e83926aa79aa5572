import { patientFraction } from './assign-splits.js';
import type { SplitSample } from './sample.js';

/**
 * The samples with a share of their training patients only; validation and test stay whole. A patient's place in the order depends on the seed and the patient's
 * key alone, so that a smaller share lies inside a larger one and the same patients train in every dataset. At least one patient stays.
 */
export function takeFraction(samples: readonly SplitSample[], fraction: number, seed: number): readonly SplitSample[] {
  if (fraction >= 1) return samples;
  const patients = new Set(samples.flatMap(({ split, patient }) => (split === 'train' ? [patient.key] : [])));
  const ordered = [...patients]
    .map((key) => ({ key, place: patientFraction(seed, `fraction ${key}`) }))
    .sort((a, b) => a.place - b.place);
  const kept = new Set(ordered.slice(0, Math.max(1, Math.round(fraction * patients.size))).map(({ key }) => key));
  return samples.filter(({ split, patient }) => split !== 'train' || kept.has(patient.key));
}
