import type { DataProblem, DatasetPlugin, Logger } from '@multichexnet/core';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeRoot } from './describe-root.js';
import type { OpenedRoot } from './open-roots.js';
import { surveyImages } from './survey-images.js';

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
  readonly problems: readonly DataProblem[];
}

export interface TableCheck {
  readonly kind: string;
  readonly file: string;
  readonly rows: number;
  readonly problems: readonly DataProblem[];
}

export interface VerifyRequest {
  readonly root: OpenedRoot;
  /** Of the patient map. */
  readonly mapProblems: readonly DataProblem[];
  /** Decode every image, which is what finds a broken one. */
  readonly pixels: boolean;
  readonly logger: Logger;
}

export async function verifyRoot({ root, mapProblems, pixels, logger }: VerifyRequest): Promise<RootReport> {
  const { index } = root;
  const survey = pixels ? await surveyImages(index.samples, index.root, logger) : undefined;
  const stats = describeRoot(index, survey);
  const { kind, images, patients, labels, boxes, masks, positives, skipped, usable, parts, problems } = stats;
  return {
    kind,
    root: stats.root,
    images,
    patients,
    labels,
    boxes,
    masks,
    ...(positives === undefined ? {} : { positives }),
    splits: Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name, { images: part.images, patients: part.patients }]),
    ),
    skipped,
    usable,
    problems: distinct([...mapProblems, ...problems]),
  };
}

export async function verifyTable(plugin: DatasetPlugin, root: string, table: string): Promise<TableCheck> {
  const inRoot = resolve(root, table);
  const file = (await stat(inRoot).catch(() => undefined))?.isFile() === true ? inRoot : resolve(table);
  const { rows, problems } = await plugin.checkTable(file);
  return { kind: plugin.kind, file, rows, problems };
}

function distinct(problems: readonly DataProblem[]): DataProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
