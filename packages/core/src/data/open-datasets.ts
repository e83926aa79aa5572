import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isMultichexnetError, MultichexnetError, ProblemsError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import type { PluginRegistry } from '../plugin/registry.js';
import { separateOwnKeys } from './own-keys.js';
import { takeFraction } from './take-fraction.js';
import { problemLine } from '../table/problem-list.js';
import { assignSplits } from './assign-splits.js';
import { readDataNotes } from './data-notes.js';
import type { DatasetIndex } from './dataset.js';
import { hashContent, hashParts } from './fingerprint.js';
import { readPatientMap } from './patient-map.js';
import type { Labels, Sample, SplitSample } from './sample.js';

/** Finding that core adds to every sample: has it anything to find? What a gate learns. */
export const POSITIVE_FINDING = 'positive';

export interface OpenedDataset {
  readonly name: string;
  /** Without its samples: those below are they, and a second copy of 112,120 is not kept. */
  readonly index: Omit<DatasetIndex, 'samples'>;
  readonly samples: readonly SplitSample[];
  /** Hash over ids, labels, patients and files, see {@link hashContent}: a run that goes on must find the same. */
  readonly content: string;
  /** Hash over the content and the parts: a phase with another one is another phase. */
  readonly fingerprint: string;
  /** What a reader of its numbers must know: the caveats of the root's own README, and whether images stand for patients. */
  readonly notes: readonly string[];
}

export interface OpenRequest {
  /** Dataset name -> adapter with its options and its root. */
  readonly datasets: Readonly<
    Record<
      string,
      { readonly kind: string; readonly root?: string; readonly fraction?: number; readonly [option: string]: unknown }
    >
  >;
  readonly patientMap?: string;
  readonly seed: number;
  readonly splits: { readonly validation: number; readonly test: number; readonly seed?: number };
  readonly maxBroken: number;
}

/**
 * Indexes every dataset and puts each patient on one side of all of them.
 * @throws ProblemsError with everything wrong in any of them, when that is more than `maxBroken`
 */
export async function openDatasets(
  request: OpenRequest,
  registry: PluginRegistry,
  logger: Logger,
): Promise<Map<string, OpenedDataset>> {
  const problems: MultichexnetError[] = [];
  const map = request.patientMap === undefined ? undefined : await readPatientMap(resolve(request.patientMap));
  for (const { code, message, line } of map?.problems ?? [])
    problems.push(new MultichexnetError(code, message, placeOf(resolve(request.patientMap ?? ''), line)));
  const opened: Found[] = [];
  const broken: MultichexnetError[] = [];
  for (const [name, { kind, ...choice }] of Object.entries(request.datasets)) {
    const { own, options } = separateOwnKeys(choice);
    const { root, fraction = 1 } = own as { readonly root?: string; readonly fraction?: number };
    if (root === undefined) {
      problems.push(
        new MultichexnetError('DATA_ROOT_MISSING', `no root given for dataset "${name}"; pass --data ${name}=FOLDER`, {
          path: `datasets.${name}.root`,
        }),
      );
      continue;
    }
    try {
      const folder = resolve(root);
      await assertFolder(folder, name, registry.dataset(kind).layout);
      const context = map === undefined ? {} : { patientOf: map.patientOf };
      const index = await registry.dataset(kind).open(folder, options, context);
      for (const { code, message, file, line } of index.problems)
        broken.push(
          new MultichexnetError(code, message, {
            ...placeOf(file === '' ? folder : resolve(folder, file), line),
            path: `datasets.${name}`,
          }),
        );
      opened.push({ name, index, fraction, notes: await readDataNotes(folder, name, kind) });
    } catch (error) {
      if (!isMultichexnetError(error)) throw error;
      problems.push(
        new MultichexnetError(error.code, error.message, { ...error.place, path: `datasets.${name}.root` }),
      );
    }
  }
  if (broken.length > request.maxBroken) problems.push(...broken);
  if (problems.length > 0) throw new ProblemsError(problems);
  for (const { code, message, place } of broken)
    logger.warn(`left out: ${problemLine({ code, message, file: '', ...place })}`);
  return splitAll(opened, request, logger);
}

async function splitAll(
  opened: readonly Found[],
  request: OpenRequest,
  logger: Logger,
): Promise<Map<string, OpenedDataset>> {
  const { samples, problems } = assignSplits(
    opened.map(({ index }) => index),
    { seed: request.seed, ...request.splits },
  );
  const empty = problems.filter(({ code }) => code === 'SPLIT_EMPTY');
  if (empty.length > 0)
    throw new ProblemsError(empty.map(({ code, message, file }) => new MultichexnetError(code, message, { file })));
  for (const problem of problems) logger.warn(problemLine(problem));
  const datasets = new Map<string, OpenedDataset>();
  for (const [i, { name, index, notes, fraction }] of opened.entries()) {
    const { seed = request.seed } = request.splits;
    const marked = markPositives(takeFraction(samples[i] ?? [], fraction, seed));
    const { samples: all, ...described } = index;
    const content = await hashContent(index.kind, all);
    const fingerprint = hashParts(content, marked);
    datasets.set(name, {
      name,
      index: described,
      samples: marked,
      content,
      fingerprint,
      notes: [...notes, ...patientNote(marked)],
    });
  }
  return datasets;
}

function placeOf(file: string, line: number | undefined): { file: string; line?: number } {
  return { file, ...(line === undefined ? {} : { line }) };
}

interface Found {
  readonly name: string;
  /** Share of the training patients. */
  readonly fraction: number;
  readonly index: DatasetIndex;
  readonly notes: readonly string[];
}

/** RSNA's patientId is one image: without a patient map its intervals are by image and too narrow. */
function patientNote(samples: readonly SplitSample[]): string[] {
  const patients = new Set(samples.map(({ patient }) => patient.key)).size;
  return patients === samples.length ? ['Every image counts as a patient of its own: its intervals are by image.'] : [];
}

/** Adds the finding `positive` (a box, a mask that is not empty, or a finding), nothing where nothing is known. Shared labels stay shared. */
function markPositives(samples: readonly SplitSample[]): SplitSample[] {
  const marked = new Map<Labels, Labels>();
  return samples.map((sample) => {
    let labels = marked.get(sample.labels);
    if (labels === undefined) {
      const positive = isPositive(sample);
      const { findings } = sample.labels;
      labels =
        positive === undefined
          ? sample.labels
          : { ...sample.labels, findings: { ...findings, [POSITIVE_FINDING]: positive } };
      marked.set(sample.labels, labels);
    }
    return { ...sample, labels };
  });
}

export function isPositive({ labels }: Sample): boolean | undefined {
  if (labels.mask !== undefined) return labels.mask.rle.length > 0;
  if (labels.boxes !== undefined) return labels.boxes.length > 0;
  const findings = Object.values(labels.findings);
  return findings.length === 0 ? undefined : findings.some(Boolean);
}

async function assertFolder(folder: string, name: string, layout: readonly string[]): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new MultichexnetError(
      'DATA_ROOT_MISSING',
      `${folder} is no folder; a root of "${name}" holds ${layout.join(', ')}`,
      { file: folder },
    );
}
