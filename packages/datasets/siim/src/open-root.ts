import { join, resolve } from 'node:path';
import {
  countBy,
  ProblemList,
  requireRoot,
  resolvePatients,
  type DatasetContext,
  type DatasetIndex,
  type Sample,
} from '@multichexnet/core';
import { checkRuns, findImages, publishedSize, readRuns } from './index-files.js';
import { readHeaders, toSample } from './read-sample.js';

const TABLES = ['train-rle.csv', 'stage_2_train.csv'];
const FOLDERS = ['dicom-images-train', 'stage_2_images'];

export const layout: readonly string[] = [
  'train-rle.csv (or stage_2_train.csv): ImageId, EncodedPixels',
  'dicom-images-train/<study>/<series>/<ImageId>.dcm (or stage_2_images/<ImageId>.dcm)',
];

/** Indexes a root of the SIIM-ACR layout. Throws `DATA_ROOT_MISSING` only. */
export async function openRoot(root: string, context: DatasetContext): Promise<DatasetIndex> {
  const folder = resolve(root);
  const [table = '', imageFolder = ''] = await requireRoot('siim', folder, [TABLES, FOLDERS], layout);
  const problems = new ProblemList();
  const { images } = await readRuns({ path: join(folder, table), name: table }, problems);
  const files = await findImages(folder, imageFolder, problems);

  const present = [...images.values()].flatMap((image) => {
    const path = files.get(image.id);
    if (path !== undefined) return [{ image, path }];
    problems.add('DATA_MISSING_FILE', table, image.line, `${imageFolder}/**/${image.id}.dcm is not there`);
    return [];
  });
  const headers = await readHeaders(
    folder,
    present.map(({ path }) => path),
    problems,
  );
  const keys = resolvePatients(
    'siim',
    present.map(({ image }, i) => ({ image: image.id, own: headers[i]?.patientId ?? image.id, line: image.line })),
    context,
    problems,
    table,
  );

  const samples: Sample[] = [];
  for (const [i, { image, path }] of present.entries()) {
    const header = headers[i];
    checkRuns(image, header?.columns ?? publishedSize, header?.rows ?? publishedSize, table, problems);
    const key = keys.get(image.id) ?? `siim:${image.id}`;
    if (header !== undefined && image.usable) samples.push(toSample(image, join(folder, path), key, header));
  }
  const positives = present.filter(({ image }) => image.rle.length > 0).length;
  const negatives = present.filter(({ image }) => image.negative).length;
  const unlisted = files.size - present.length;
  return {
    kind: 'siim',
    root: folder,
    samples,
    vocabulary: ['Pneumothorax'],
    counts: {
      images: present.length,
      patients: new Set(keys.values()).size,
      labels: { Pneumothorax: positives, 'No Pneumothorax': negatives },
      views: countBy(headers, (header) => header?.viewPosition),
      boxes: 0,
      masks: present.reduce((sum, { image }) => sum + image.rle.length, 0),
      positives,
    },
    skipped: unlisted > 0 ? { 'not-in-table': unlisted } : {},
    problems: problems.toArray(),
  };
}
