import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  countBy,
  ProblemList,
  requireRoot,
  resolvePatients,
  type DatasetContext,
  type DatasetIndex,
} from '@multichexnet/core';
import { readClasses, readLabels } from './index-files.js';
import { readSamples } from './read-sample.js';

const LABELS = 'stage_2_train_labels.csv';
const CLASSES = 'stage_2_detailed_class_info.csv';
const IMAGES = 'stage_2_train_images';

export const layout: readonly string[] = [
  `${LABELS}: patientId,x,y,width,height,Target`,
  `${CLASSES}: patientId,class`,
  `${IMAGES}/<patientId>.dcm`,
];

/** Indexes a root of the RSNA layout. Throws `DATA_ROOT_MISSING` only. */
export async function openRoot(root: string, headers: boolean, context: DatasetContext): Promise<DatasetIndex> {
  const folder = resolve(root);
  await requireRoot('rsna', folder, [[LABELS], [IMAGES]], layout);
  const problems = new ProblemList();
  const { images } = await readLabels({ path: join(folder, LABELS), name: LABELS }, problems);
  // A label table that could not be read is one problem, not one for every row of the other table.
  const known = images.size === 0 ? undefined : images;
  const { classOf } = await readClasses({ path: join(folder, CLASSES), name: CLASSES }, problems, known);

  const files = new Set((await readdir(join(folder, IMAGES))).filter((name) => name.endsWith('.dcm')));
  const present = [...images.values()].filter(({ id, line }) => {
    if (files.has(`${id}.dcm`)) return true;
    problems.add('DATA_MISSING_FILE', LABELS, line, `${IMAGES}/${id}.dcm is not there`);
    return false;
  });
  const keys = resolvePatients(
    'rsna',
    present.map(({ id, line }) => ({ image: id, own: id, line })),
    context,
    problems,
    LABELS,
  );
  const { samples, views } = await readSamples({
    folder,
    images: present,
    keys,
    classOf,
    headers,
    imageFolder: IMAGES,
    labels: LABELS,
    problems,
  });

  const unlisted = files.size - present.length;
  return {
    kind: 'rsna',
    root: folder,
    samples,
    vocabulary: ['Pneumonia'],
    counts: {
      images: present.length,
      patients: new Set(keys.values()).size,
      labels: countBy(present, ({ id, target }) => classOf.get(id) ?? (target === true ? 'Lung Opacity' : undefined)),
      ...(headers ? { views } : {}),
      boxes: present.reduce((sum, image) => sum + image.boxes.length, 0),
      masks: 0,
      positives: present.filter((image) => image.boxes.length > 0).length,
    },
    skipped: unlisted > 0 ? { 'not-in-table': unlisted } : {},
    problems: problems.toArray(),
  };
}
