import {
  assignSplits,
  readPatientMap,
  validate,
  type DataProblem,
  type DatasetIndex,
  type DatasetPlugin,
  type Logger,
  type Sample,
} from '@multichexnet/core';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DEFAULT_SPLITS } from './describe-root.js';
import { surveyImages } from './survey-images.js';

export type VerifyProblem = DataProblem;

export interface PartCount {
  readonly images: number;
  readonly patients: number;
}

/** What is in a root, and everything that is wrong with it. */
export interface RootReport {
  readonly kind: string;
  readonly root: string;
  readonly images: number;
  readonly patients: number;
  readonly labels: Readonly<Record<string, number>>;
  readonly boxes: number;
  /** Table rows that carry a mask. */
  readonly masks: number;
  readonly positives?: number;
  /** Parts as training would cut them by default, from the usable images; `official` as the dataset's own lists say. */
  readonly splits: Readonly<Record<string, PartCount>>;
  readonly skipped: Readonly<Record<string, number>>;
  readonly usable: PartCount;
  readonly problems: readonly VerifyProblem[];
}

export interface TableCheck {
  readonly kind: string;
  readonly file: string;
  readonly rows: number;
  readonly problems: readonly VerifyProblem[];
}

export interface VerifyRequest {
  readonly plugin: DatasetPlugin;
  readonly root: string;
  readonly patientMap?: string;
  /** Decode every image, which is what finds a broken one. */
  readonly pixels: boolean;
  readonly logger: Logger;
}

/** @throws MultichexnetError DATA_ROOT_MISSING when the folder is not of this layout at all */
export async function verifyRoot({ plugin, root, patientMap, pixels, logger }: VerifyRequest): Promise<RootReport> {
  const folder = resolve(root);
  const map = patientMap === undefined ? undefined : await readPatientMap(resolve(patientMap));
  const options = validate<never>(plugin.options, {}, { path: '', owner: plugin.kind }).value;
  const index = await plugin.open(folder, options, map === undefined ? {} : { patientOf: map.patientOf });
  const broken = pixels ? (await surveyImages(index.samples, folder, logger)).problems : [];
  const bad = new Set(broken.map(({ file }) => resolve(folder, file)));
  const usable = index.samples.filter(({ image }) => !bad.has(image));
  const { splits, problems } = cutParts(index, usable);
  const { images, patients, labels, boxes, masks, positives } = index.counts;
  return {
    kind: plugin.kind,
    root: folder,
    images,
    patients,
    labels,
    boxes,
    masks,
    ...(positives === undefined ? {} : { positives }),
    splits,
    skipped: index.skipped,
    usable: countPart(usable),
    problems: distinct([...(map?.problems ?? []), ...index.problems, ...broken, ...problems]),
  };
}

export async function verifyTable(plugin: DatasetPlugin, root: string, table: string): Promise<TableCheck> {
  const inRoot = resolve(root, table);
  const file = (await stat(inRoot).catch(() => undefined))?.isFile() === true ? inRoot : resolve(table);
  const { rows, problems } = await plugin.checkTable(file);
  return { kind: plugin.kind, file, rows, problems };
}

function cutParts(
  index: DatasetIndex,
  usable: readonly Sample[],
): { splits: Record<string, PartCount>; problems: readonly VerifyProblem[] } {
  const { samples, problems } = assignSplits([{ ...index, samples: usable }], DEFAULT_SPLITS);
  const parts = samples[0] ?? [];
  const official = (side: 'train' | 'test'): readonly Sample[] =>
    usable.filter(({ officialSplit }) => officialSplit === side);
  const splits: Record<string, PartCount> = {};
  for (const name of ['train', 'validation', 'test'] as const)
    splits[name] = countPart(parts.filter(({ split }) => split === name));
  if (usable.some(({ officialSplit }) => officialSplit !== undefined)) {
    splits['officialTrain'] = countPart(official('train'));
    splits['officialTest'] = countPart(official('test'));
  }
  // That a part is empty depends on the seed: training says so where it matters.
  return { splits, problems: problems.filter(({ code }) => code !== 'SPLIT_EMPTY') };
}

function countPart(samples: readonly Sample[]): PartCount {
  return { images: samples.length, patients: new Set(samples.map(({ patient }) => patient.key)).size };
}

function distinct(problems: readonly VerifyProblem[]): VerifyProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
