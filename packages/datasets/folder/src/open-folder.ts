import { readdir } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import {
  MultichexnetError,
  ProblemList,
  requireRoot,
  type DatasetContext,
  type DatasetIndex,
  type OptionsOf,
} from '@multichexnet/core';
import { buildIndex } from './build-index.js';
import { safePath, type ImageRecord } from './image-record.js';
import { listImages } from './list-images.js';
import type { folderOptions } from './options.js';
import { readClasses } from './read-classes.js';
import { readCoco } from './read-coco.js';

export const folderLayout: readonly string[] = [
  'images (PNG, JPEG, DICOM) in folders named after their class, inside folders train, validation and test if there is a split',
  'or a COCO file with boxes (option annotations) and the images that it names',
  'PNG masks named like their images (option masks; optional)',
];

type Options = OptionsOf<typeof folderOptions>;

/** Indexes a folder of images. @throws MultichexnetError DATA_ROOT_MISSING; CONFIG_VALUE for a pattern or folder that cannot be one */
export async function openFolder(root: string, options: Options, context: DatasetContext): Promise<DatasetIndex> {
  const folder = resolve(root);
  await requireRoot('folder', folder, options.annotations === undefined ? [] : [[options.annotations]], folderLayout);
  const top = await readdir(folder).catch(() => undefined);
  const images = options.images ?? (top?.includes('images') === true ? 'images' : '.');
  const pattern = patientPattern(options.patient);
  const problems = new ProblemList();
  const { files, others } = await listImages(join(folder, below(images)), images === '.' ? '' : images, problems);
  // Masks in a folder of their own inside the folder of the images are no images.
  const masks = options.masks === undefined ? undefined : `${posix.relative(images, below(options.masks))}/`;
  const films = masks === undefined ? files : files.filter((file) => !file.startsWith(masks));
  if (films.length === 0)
    throw new MultichexnetError(
      'DATA_ROOT_MISSING',
      `${folder} has no PNG, JPEG or DICOM file${top === undefined ? ', and is no folder' : ''}; the root of folder holds:\n${folderLayout.map((line) => `  ${line}`).join('\n')}`,
      { file: folder },
    );
  const { records, skipped } =
    options.annotations === undefined
      ? { records: readClasses(films, options.negatives, options.harmonise), skipped: {} }
      : await cocoRecords(folder, options.annotations, options.harmonise, films, problems);
  const maskOf = options.masks === undefined ? undefined : await listMasks(folder, options.masks, problems);
  return buildIndex({
    kind: 'folder',
    root: folder,
    images,
    records: records.map((record) => ({ ...record, ...patientOf(record, pattern, problems), ...maskOf?.(record.id) })),
    files: new Set(films),
    skipped: { ...skipped, ...(others > 0 ? { 'no-image-file': others } : {}) },
    maskFinding: options.maskFinding,
    context,
    problems,
  });
}

async function cocoRecords(
  folder: string,
  annotations: string,
  harmonised: boolean,
  films: readonly string[],
  problems: ProblemList,
): Promise<{ records: readonly ImageRecord[]; skipped: Record<string, number> }> {
  const { records, crowds } = await readCoco(folder, annotations, harmonised, problems);
  const named = new Set(records.map(({ id }) => id));
  const unlisted = films.filter((file) => !named.has(file)).length;
  return {
    records,
    skipped: {
      ...(unlisted > 0 ? { 'not-in-annotations': unlisted } : {}),
      ...(crowds > 0 ? { 'crowd-region': crowds } : {}),
    },
  };
}

/** The mask of an image: `masks/<path of the image>`, with the ending .png. */
async function listMasks(
  folder: string,
  masks: string,
  problems: ProblemList,
): Promise<(id: string) => { mask?: string }> {
  const { files } = await listImages(join(folder, below(masks)), masks, problems);
  const known = new Set(files);
  return (id) => {
    const name = id.replace(/\.[^./]+$/, '.png');
    return known.has(name) ? { mask: posix.join(masks, name) } : {};
  };
}

function patientOf(
  record: ImageRecord,
  pattern: RegExp | undefined,
  problems: ProblemList,
): { patient?: string; usable?: boolean } {
  if (pattern === undefined) return {};
  const patient = pattern.exec(record.id)?.[1];
  if (patient !== undefined && patient !== '') return { patient };
  problems.add(
    'PATIENT_UNKNOWN',
    record.file,
    record.line,
    `option patient (${pattern.source}) finds no patient in ${record.id}`,
  );
  return { usable: false };
}

function patientPattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MultichexnetError('CONFIG_VALUE', `option patient is no regular expression: ${reason}`);
  }
}

function below(path: string): string {
  const safe = path === '.' ? '.' : safePath(path);
  if (safe === undefined)
    throw new MultichexnetError('CONFIG_VALUE', `"${path}" is no path below the root; folders of a dataset lie in it`);
  return safe;
}
