import { join, resolve } from 'node:path';
import {
  ProblemList,
  requireRoot,
  validate,
  type DatasetContext,
  type DatasetIndex,
  type TableReport,
} from '@multichexnet/core';
import { buildIndex } from './build-index.js';
import { listImages } from './list-images.js';
import { csvOptions } from './options.js';
import { readManifest, type CsvOptions } from './read-manifest.js';

export const csvLayout: readonly string[] = [
  'a CSV called labels (or what option table says): image,patient,split,sex,age,view,source,label,mask,x,y,width,height; all but image optional',
  'the images that it names (PNG, JPEG, DICOM), by their paths below the root (option images)',
];

/** Indexes a root with a table of images. Throws `DATA_ROOT_MISSING` only. */
export async function openCsv(root: string, options: CsvOptions, context: DatasetContext): Promise<DatasetIndex> {
  const folder = resolve(root);
  await requireRoot('csv', folder, [[options.table]], csvLayout);
  const problems = new ProblemList();
  const table = { path: join(folder, options.table), name: options.table };
  const { records } = await readManifest(table, options, problems);
  const masks = new Set(records.flatMap(({ mask }) => mask ?? []));
  const { files } = await listImages(join(folder, options.images), options.images, new ProblemList());
  const named = new Set(records.map(({ id }) => id));
  const inRoot = (file: string): string => (options.images === '.' ? file : `${options.images}/${file}`);
  const unlisted = files.filter((file) => !named.has(file) && !masks.has(inRoot(file))).length;
  return buildIndex({
    kind: 'csv',
    root: folder,
    images: options.images,
    records,
    files: new Set(files),
    skipped: unlisted > 0 ? { 'not-in-table': unlisted } : {},
    maskFinding: options.maskFinding,
    context,
    problems,
  });
}

/** Checks a table with the standard names of its columns. */
export async function checkCsv(file: string): Promise<TableReport> {
  const problems = new ProblemList();
  const { value } = validate<CsvOptions>(csvOptions, {}, { path: '', owner: 'dataset "csv"' });
  const { rows } = await readManifest({ path: file, name: file }, value, problems);
  return { rows, problems: problems.toArray() };
}
