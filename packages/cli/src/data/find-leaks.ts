import { assignSplits, type DatasetIndex, type Split } from '@multichexnet/core';

/** How a patient's side is decided: by the datasets' own lists, or as training would split all of them together. */
export type LeakBasis = 'official' | 'assigned';

/** Images of one patient in one part of one dataset. */
export interface LeakSide {
  readonly dataset: string;
  readonly split: Split;
  readonly images: readonly string[];
}

/** A patient whom a network has seen in training for one head and meets again in test or validation. */
export interface Leak {
  readonly patient: string;
  /** Where the patient is held out: test or validation. */
  readonly held: readonly LeakSide[];
  readonly training: readonly LeakSide[];
}

export interface LeakReport {
  readonly by: LeakBasis;
  readonly datasets: readonly {
    readonly kind: string;
    readonly root: string;
    /** Images by part; `none` = in none of the dataset's lists. */
    readonly parts: Readonly<Record<Split | 'none', number>>;
  }[];
  readonly leaks: readonly Leak[];
  readonly notes: readonly string[];
}

/**
 * Patients who stand in test or validation in one dataset and in training in the same or another one.
 *
 * `official`: a dataset's own lists say; one without lists is training material from end to end, as RSNA's and SIIM-ACR's published sets are. `assigned`: as
 * `assignSplits` cuts all of them together, which must leave none.
 */
export function findLeaks(indexes: readonly DatasetIndex[], by: LeakBasis, seed: number): LeakReport {
  const sides = by === 'official' ? indexes.map(officialSides) : assignedSides(indexes, seed);
  const patients = new Map<string, Map<string, { dataset: string; split: Split; images: string[] }>>();
  const datasets = indexes.map((index, i) => {
    const parts = { train: 0, validation: 0, test: 0, none: 0 };
    for (const [j, { id, patient }] of index.samples.entries()) {
      const split = sides[i]?.[j];
      parts[split ?? 'none']++;
      if (split === undefined) continue;
      const stands =
        patients.get(patient.key) ?? new Map<string, { dataset: string; split: Split; images: string[] }>();
      patients.set(patient.key, stands);
      const place = `${i} ${split}`;
      const side = stands.get(place) ?? { dataset: index.kind, split, images: [] };
      stands.set(place, side);
      side.images.push(id);
    }
    return { kind: index.kind, root: index.root, parts };
  });
  const leaks: Leak[] = [];
  for (const [patient, stands] of patients) {
    const all = [...stands.values()];
    const training = all.filter(({ split }) => split === 'train');
    if (training.length > 0 && training.length < all.length)
      leaks.push({ patient, held: all.filter(({ split }) => split !== 'train'), training });
  }
  leaks.sort((a, b) => a.patient.localeCompare(b.patient, 'en', { numeric: true }));
  return { by, datasets, leaks, notes: indexes.flatMap((index) => notesOf(index, by)) };
}

function officialSides({ samples }: DatasetIndex): (Split | undefined)[] {
  const listed = samples.some(({ officialSplit }) => officialSplit !== undefined);
  return samples.map(({ officialSplit }) => officialSplit ?? (listed ? undefined : 'train'));
}

function assignedSides(indexes: readonly DatasetIndex[], seed: number): Split[][] {
  return assignSplits(indexes, { seed }).samples.map((samples) => samples.map(({ split }) => split));
}

function notesOf({ kind, samples }: DatasetIndex, by: LeakBasis): string[] {
  const patients = new Set(samples.map(({ patient }) => patient.key)).size;
  const listed = samples.some(({ officialSplit }) => officialSplit !== undefined);
  return [
    ...(by === 'official' && !listed ? [`${kind} has no lists of its own: all of it counts as training`] : []),
    ...(samples.length > 1 && patients === samples.length
      ? [`${kind}: every image counts as a patient of its own; only a patient map can say who is the same person`]
      : []),
  ];
}
