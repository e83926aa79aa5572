import { readdir } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import {
  countBy,
  ProblemList,
  requireRoot,
  resolvePatients,
  type DatasetContext,
  type DatasetIndex,
  type Sample,
} from '@multichexnet/core';
import { vocabulary } from './findings.js';
import { readMetadata, skipReason, type Entry } from './index-files.js';

const TABLE = 'metadata.csv';

export const layout: readonly string[] = [
  `${TABLE}: patientid,offset,sex,age,finding,...,view,modality,...,folder,filename,...`,
  'images/<filename> (PNG and JPEG; `.nii.gz` volumes and CT slices are skipped)',
];

/** Indexes a root of the COVID-19 image data collection. Throws `DATA_ROOT_MISSING` only. */
export async function openRoot(root: string, views: readonly string[], context: DatasetContext): Promise<DatasetIndex> {
  const folder = resolve(root);
  await requireRoot('covid', folder, [[TABLE]], layout);
  const problems = new ProblemList();
  const { entries } = await readMetadata({ path: join(folder, TABLE), name: TABLE }, problems);
  const files = await listFolders(folder, new Set([...entries.values()].map((entry) => entry.folder)));

  const wanted = new Set(views.map((view) => view.toLowerCase()));
  const skipped = new Map<string, number>();
  const skip = (reason: string): void => void skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  const present: Entry[] = [];
  const usable: Entry[] = [];
  for (const entry of entries.values()) {
    const path = posix.join(entry.folder, entry.id);
    const isVolume = entry.id.endsWith('.gz');
    const isThere = files.delete(path);
    if (isThere && !isVolume) present.push(entry);
    const reason = skipReason(entry, wanted);
    if (reason !== undefined) skip(isVolume && !isThere ? 'absent-gz' : reason);
    else if (!isThere) problems.add('DATA_MISSING_FILE', TABLE, entry.line, `${path} is not there`);
    else if (entry.usable) usable.push(entry);
  }
  for (let unlisted = files.size; unlisted > 0; unlisted--) skip('not-in-table');

  const owned = present.map(({ id, patient, line }) => ({ image: id, own: patient === '' ? id : patient, line }));
  const keys = resolvePatients('covid', owned, context, problems, TABLE);
  return {
    kind: 'covid',
    root: folder,
    samples: usable.map((entry) => toSample(entry, folder, keys.get(entry.id) ?? `covid:${entry.patient}`)),
    vocabulary,
    counts: {
      images: present.length,
      patients: new Set(keys.values()).size,
      labels: countBy(present, ({ words, finding }) => (finding.kind === 'wrong' ? undefined : words)),
      views: countBy(present, ({ view }) => (view === '' ? undefined : view)),
      boxes: 0,
      masks: 0,
    },
    skipped: Object.fromEntries(skipped),
    problems: problems.toArray(),
  };
}

/** Image files in the folders that the table names, as `folder/name`; a folder that isn't there holds none. */
async function listFolders(root: string, folders: ReadonlySet<string>): Promise<Set<string>> {
  const files = new Set<string>();
  for (const folder of folders)
    for (const name of await readdir(join(root, folder)).catch(() => []))
      if (/\.(?:png|jpe?g|dcm|gz)$/i.test(name)) files.add(posix.join(folder, name));
  return files;
}

function toSample(entry: Entry, root: string, key: string): Sample {
  const { id, sex, ageYears, view, source, finding } = entry;
  return {
    dataset: 'covid',
    id,
    image: join(root, entry.folder, id),
    patient: { key, ...(sex === undefined ? {} : { sex }), ...(ageYears === undefined ? {} : { ageYears }) },
    view,
    ...(source === undefined ? {} : { source }),
    labels: { findings: finding.kind === 'known' ? finding.findings : {} },
  };
}
