import { ageBand, assignSplits, countBy, type DataProblem, type DatasetIndex, type Sample } from '@multichexnet/core';
import type { Survey } from './survey-images.js';

/** Counts of one root, of its images unless said otherwise. */
export interface RootStats {
  readonly kind: string;
  readonly root: string;
  readonly images: number;
  readonly patients: number;
  readonly boxes: number;
  /** Table rows that carry a mask. */
  readonly masks: number;
  readonly positives?: number;
  /** In the dataset's own words, of all images that are there. */
  readonly labels: Readonly<Record<string, number>>;
  readonly views: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, number>>;
  /** From here on: usable images. */
  readonly usable: { readonly images: number; readonly patients: number };
  readonly findings: Readonly<Record<string, FindingCount>>;
  readonly sexes: Readonly<Record<string, number>>;
  readonly ages: Readonly<Record<string, number>>;
  readonly sources: Readonly<Record<string, number>>;
  /** Attribute -> value -> images. */
  readonly attributes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Patients by how many images they have. */
  readonly imagesPerPatient: Readonly<Record<string, number>>;
  readonly parts: Readonly<Record<string, PartStats>>;
  /** `1024 x 1024` -> images; empty when no pixels were read. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly formats: Readonly<Record<string, number>>;
  readonly problems: readonly DataProblem[];
}

export interface FindingCount {
  readonly yes: number;
  readonly no: number;
  readonly unknown: number;
}

export interface PartStats {
  readonly images: number;
  readonly patients: number;
  /** Images with the finding. */
  readonly findings: Readonly<Record<string, number>>;
  /** Images of which a finding is known, and none is there. */
  readonly none: number;
}

const UNKNOWN = 'unknown';
/** Seed and shares of a run where nothing else is said. */
export const DEFAULT_SPLITS = { seed: 1, validation: 0.1, test: 0.2 };

/** Counts of an index, and of its images where they were read. */
export function describeRoot(index: DatasetIndex, survey?: Survey): RootStats {
  const broken = new Set(survey?.images.flatMap((image, i) => (image === undefined ? [i] : [])));
  const usable = index.samples.filter((_, i) => !broken.has(i));
  const { images, patients, boxes, masks, positives, labels, views } = index.counts;
  const read = survey?.images.filter((image) => image !== undefined) ?? [];
  const { parts, problems: splitProblems } = describeParts(index, usable);
  const keys = usable.map(({ patient }) => patient.key);
  return {
    kind: index.kind,
    root: index.root,
    images,
    patients,
    boxes,
    masks,
    ...(positives === undefined ? {} : { positives }),
    labels,
    views: views ?? countBy(usable, ({ view }) => view ?? UNKNOWN),
    skipped: index.skipped,
    usable: { images: usable.length, patients: new Set(keys).size },
    findings: countFindings(usable, index.vocabulary),
    sexes: countBy(usable, ({ patient }) => patient.sex ?? UNKNOWN),
    ages: countBy(usable, ({ patient: { ageYears } }) => (ageYears === undefined ? UNKNOWN : ageBand(ageYears))),
    sources: countBy(usable, ({ source }) => source),
    attributes: countAttributes(usable),
    imagesPerPatient: countBy(Object.values(countBy(keys, (key) => key)), String),
    parts,
    sizes: countBy(read, ({ width, height }) => `${width} x ${height}`),
    formats: countBy(read, ({ format }) => format),
    problems: [...index.problems, ...(survey?.problems ?? []), ...splitProblems],
  };
}

function countFindings(samples: readonly Sample[], vocabulary: readonly string[]): Record<string, FindingCount> {
  const counts: Record<string, FindingCount> = {};
  for (const name of vocabulary) {
    const known = samples.map(({ labels }) => labels.findings[name]);
    const yes = known.filter((value) => value === true).length;
    const no = known.filter((value) => value === false).length;
    if (yes + no > 0) counts[name] = { yes, no, unknown: samples.length - yes - no };
  }
  return counts;
}

function countAttributes(samples: readonly Sample[]): Record<string, Record<string, number>> {
  const names = [...new Set(samples.flatMap(({ attributes = {} }) => Object.keys(attributes)))].sort();
  return Object.fromEntries(names.map((name) => [name, countBy(samples, ({ attributes }) => attributes?.[name])]));
}

/** Parts as training cuts them by default, and as the dataset's own lists say; and what is wrong with the lists. */
function describeParts(
  index: DatasetIndex,
  usable: readonly Sample[],
): { readonly parts: Record<string, PartStats>; readonly problems: readonly DataProblem[] } {
  const { samples, problems } = assignSplits([{ ...index, samples: usable }], DEFAULT_SPLITS);
  const parts: Record<string, PartStats> = {};
  for (const name of ['train', 'validation', 'test'] as const)
    parts[name] = describePart((samples[0] ?? []).filter((sample) => sample.split === name));
  for (const [name, side] of [
    ['officialTrain', 'train'],
    ['officialValidation', 'validation'],
    ['officialTest', 'test'],
  ] as const) {
    const listed = usable.filter(({ officialSplit }) => officialSplit === side);
    if (listed.length > 0) parts[name] = describePart(listed);
  }
  // That a part is empty depends on the seed: training says so where it matters.
  return { parts, problems: problems.filter(({ code }) => code !== 'SPLIT_EMPTY') };
}

function describePart(samples: readonly Sample[]): PartStats {
  const found = samples.flatMap(({ labels }) =>
    Object.entries(labels.findings).flatMap(([name, there]) => (there ? [name] : [])),
  );
  const none = samples.filter(({ labels }) => {
    const values = Object.values(labels.findings);
    return values.length > 0 && !values.includes(true);
  });
  return {
    images: samples.length,
    patients: new Set(samples.map(({ patient }) => patient.key)).size,
    findings: countBy(found, (name) => name),
    none: none.length,
  };
}
