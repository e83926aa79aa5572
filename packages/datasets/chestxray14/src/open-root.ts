import { readdir } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import {
  countBy,
  ProblemList,
  requireRoot,
  resolvePatients,
  type DatasetContext,
  type DatasetIndex,
  type Labels,
  type Sample,
} from '@multichexnet/core';
import { findImages } from './find-images.js';
import { readEntries, type Entry } from './index-files.js';
import { findings } from './labels.js';
import { readBoxes } from './read-boxes.js';
import { patientOfName, readList, reportLeaks, testList, trainList } from './read-lists.js';

const TABLES = ['Data_Entry_2017_v2020.csv', 'Data_Entry_2017.csv'];
export const boxTable = 'BBox_List_2017.csv';

export const layout: readonly string[] = [
  'Data_Entry_2017_v2020.csv or Data_Entry_2017.csv: Image Index,Finding Labels,Follow-up #,Patient ID,...',
  'images/*.png, or images_001/images/*.png ... images_012/images/*.png',
  `${trainList}, ${testList}: the official split (optional, both or none)`,
  `${boxTable}: boxes of some findings (optional)`,
];

/** Indexes a root of the ChestX-ray14 layout. Throws `DATA_ROOT_MISSING` only. */
export async function openRoot(root: string, context: DatasetContext): Promise<DatasetIndex> {
  const folder = resolve(root);
  const [table = ''] = await requireRoot('chestxray14', folder, [TABLES], layout);
  const problems = new ProblemList();
  const { entries } = await readEntries({ path: join(folder, table), name: table }, problems);
  const listed = new Set(await readdir(folder));
  const boxes = listed.has(boxTable)
    ? (await readBoxes({ path: join(folder, boxTable), name: boxTable }, problems, (image) => entries.has(image))).boxes
    : [];
  const splits = await readSplits(folder, listed, table, entries, problems);

  const files = await findImages(folder, problems);
  const present = [...entries.values()].filter(({ id, line }) => {
    if (files.has(id)) return true;
    problems.add('DATA_MISSING_FILE', table, line, `${id} is in no image folder`);
    return false;
  });
  const owned = present.map(({ id, patient, line }) => ({ image: id, own: patient ?? patientOfName(id), line }));
  const keys = resolvePatients('chestxray14', owned, context, problems, table);
  const prefix = folder.endsWith(sep) ? folder : folder + sep;
  const findingsOf = sharedFindings();
  const samples: Sample[] = [];
  for (const entry of present)
    if (entry.usable)
      samples.push(
        toSample(entry, {
          image: prefix + (files.get(entry.id) ?? ''),
          key: keys.get(entry.id) ?? '',
          officialSplit: splits.get(entry.id),
          labels: findingsOf(entry.labels),
        }),
      );

  const shownBoxes = boxes.filter((box) => files.has(box.image));
  const unlisted = files.size - present.length;
  return {
    kind: 'chestxray14',
    root: folder,
    samples,
    vocabulary: findings,
    counts: {
      images: present.length,
      patients: new Set(keys.values()).size,
      labels: countBy(
        present.flatMap((entry) => entry.labels),
        (label) => label,
      ),
      views: countBy(present, ({ view }) => view),
      boxes: shownBoxes.length,
      masks: 0,
      positives: new Set(shownBoxes.map((box) => box.image)).size,
    },
    skipped: unlisted > 0 ? { 'not-in-table': unlisted } : {},
    problems: problems.toArray(),
  };
}

/** The official side of each image. An image in both lists is test, as is reported. */
async function readSplits(
  folder: string,
  listed: ReadonlySet<string>,
  table: string,
  entries: ReadonlyMap<string, Entry>,
  problems: ProblemList,
): Promise<ReadonlyMap<string, 'train' | 'test'>> {
  const splits = new Map<string, 'train' | 'test'>();
  if (!listed.has(trainList) && !listed.has(testList)) return splits;
  const train = await readList({ path: join(folder, trainList), name: trainList }, problems);
  const test = await readList({ path: join(folder, testList), name: testList }, problems);
  for (const image of train?.keys() ?? []) splits.set(image, 'train');
  for (const image of test?.keys() ?? []) splits.set(image, 'test');
  if (train === undefined || test === undefined) return splits;
  const patientOf = (image: string): string => entries.get(image)?.patient ?? patientOfName(image);
  reportLeaks({ name: trainList, list: train }, { name: testList, list: test }, patientOf, problems);
  for (const { id, line } of entries.values())
    if (!splits.has(id))
      problems.add('SPLIT_UNLISTED', table, line, `${id} is in neither ${trainList} nor ${testList}`);
  return splits;
}

interface Found {
  readonly image: string;
  readonly key: string;
  readonly officialSplit: 'train' | 'test' | undefined;
  readonly labels: Labels;
}

function toSample(entry: Entry, { image, key, officialSplit, labels }: Found): Sample {
  const { id, sex, ageYears, view } = entry;
  return {
    dataset: 'chestxray14',
    id,
    image,
    patient: { key, ...(sex === undefined ? {} : { sex }), ...(ageYears === undefined ? {} : { ageYears }) },
    ...(view === undefined ? {} : { view }),
    ...(officialSplit === undefined ? {} : { officialSplit }),
    labels,
  };
}

/** One frozen object for every combination of labels: a few hundred instead of one for each of 112,120 images. */
function sharedFindings(): (there: readonly string[]) => Labels {
  const known = new Map<readonly string[], Labels>();
  return (there) => {
    let labels = known.get(there);
    if (labels === undefined) {
      const values = Object.freeze(Object.fromEntries(findings.map((name) => [name, there.includes(name)])));
      labels = Object.freeze({ findings: values });
      known.set(there, labels);
    }
    return labels;
  };
}
