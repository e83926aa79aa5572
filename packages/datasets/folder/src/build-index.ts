import { join } from 'node:path';
import {
  countBy,
  mapLimit,
  plausibleAge,
  resolvePatients,
  type DatasetContext,
  type DataProblem,
  type DatasetIndex,
  type MaskLabel,
  type ProblemList,
  type Sample,
} from '@multichexnet/core';
import { ImagingError, readImageFacts, type ImageFacts } from '@multichexnet/imaging';
import { NO_FINDING, type ImageRecord } from './image-record.js';
import { maskProblem, readMask } from './read-mask.js';

const OPEN_FILES = 16;

export interface IndexRequest {
  readonly kind: string;
  readonly root: string;
  /** Folder of the images below the root; '.' = the root. */
  readonly images: string;
  readonly records: readonly ImageRecord[];
  /** Images that are there, as far as a listing finds them: a link to a folder it does not follow. */
  readonly files: ReadonlySet<string>;
  readonly skipped: Readonly<Record<string, number>>;
  /** Finding that a mask shows. */
  readonly maskFinding: string | undefined;
  readonly context: DatasetContext;
  readonly problems: ProblemList;
}

/** Looks for every file that is named, reads the headers that are needed and the masks, and makes samples of what is good. */
export async function buildIndex(request: IndexRequest): Promise<DatasetIndex> {
  const { kind, root, images, records, skipped, context, problems } = request;
  const read = await mapLimit(records, OPEN_FILES, (record) => readRecord(record, request));
  // In the order of the records, whichever file was read first.
  for (const { found = [] } of read)
    for (const { code, file, line, message } of found) problems.add(code, file, line, message);
  const present = read.filter(({ absent }) => absent !== true);
  const keys = resolvePatients(
    kind,
    present.map(({ record: { id, patient, line } }) => ({
      image: id,
      own: patient ?? id,
      ...(line === undefined ? {} : { line }),
    })),
    context,
    problems,
    records[0]?.file ?? '',
  );
  const samples = present.flatMap(({ record, facts, mask }) =>
    record.usable
      ? [toSample(record, facts, mask, request, join(root, images, record.id), keys.get(record.id) ?? '')]
      : [],
  );
  const found = new Set(samples.flatMap(({ labels }) => Object.keys(labels.findings)));
  return {
    kind,
    root,
    samples,
    vocabulary: [...found].sort(),
    counts: {
      images: present.length,
      patients: new Set(keys.values()).size,
      labels: countBy(
        present.flatMap(({ record }) => record.words),
        (word) => word,
      ),
      views: countBy(present, ({ record, facts }) => record.view ?? facts?.header?.viewPosition),
      boxes: present.reduce((sum, { record }) => sum + (record.boxes?.length ?? 0), 0),
      masks: present.filter(({ mask }) => (mask?.rle.length ?? 0) > 0).length,
      ...(present.some(({ record, mask }) => record.boxes !== undefined || mask !== undefined)
        ? {
            positives: present.filter(({ record, mask }) => (record.boxes?.length ?? 0) + (mask?.rle.length ?? 0) > 0)
              .length,
          }
        : {}),
    },
    skipped,
    problems: problems.toArray(),
  };
}

interface ReadRecord {
  readonly record: ImageRecord;
  readonly absent?: boolean;
  /** What is wrong with the file, its boxes or its mask. */
  readonly found?: readonly DataProblem[];
  /** Absent where they are not needed. */
  readonly facts?: ImageFacts;
  readonly mask?: MaskLabel;
}

/** Needs more than that the file is there: the size of the image, or what a DICOM header says of it. */
function needsHeader({ id, boxes = [], mask }: ImageRecord): boolean {
  return boxes.length > 0 || mask !== undefined || /\.(?:dcm|dicom)$/i.test(id);
}

async function readRecord(record: ImageRecord, request: IndexRequest): Promise<ReadRecord> {
  const { root, images, files } = request;
  if (!needsHeader(record) && files.has(record.id)) return { record };
  const path = images === '.' ? record.id : `${images}/${record.id}`;
  const { file, line } = record;
  const inTable = { file, ...(line === undefined ? {} : { line }) };
  let facts: ImageFacts;
  try {
    facts = await readImageFacts(join(root, path));
  } catch (error) {
    if (!(error instanceof ImagingError)) throw error;
    if (error.code !== 'FILE_UNREADABLE')
      return broken(record, { code: error.code, file: path, message: error.reason });
    const message = `${path} is not there, or cannot be read`;
    return { record, absent: true, found: [{ code: 'DATA_MISSING_FILE', ...inTable, message }] };
  }
  const found: DataProblem[] = [];
  for (const { x, y, width, height } of record.boxes ?? [])
    if (x + width > facts.width || y + height > facts.height) {
      const end = `${x + width}, ${y + height}`;
      const message = `a box of ${path} ends at ${end}, outside ${facts.width} x ${facts.height}`;
      found.push({ code: 'BOX_INVALID', ...inTable, message });
    }
  let mask: MaskLabel | undefined;
  if (record.mask === '') mask = { width: facts.width, height: facts.height, rle: [] };
  else if (record.mask !== undefined)
    try {
      mask = await readMask(join(root, record.mask), facts);
    } catch (error) {
      const problem = maskProblem(error);
      if (problem === undefined) throw error;
      found.push({ ...problem, file: record.mask });
    }
  if (found.length > 0) record.usable = false;
  return { record, facts, found, ...(mask === undefined ? {} : { mask }) };
}

function broken(record: ImageRecord, problem: DataProblem): ReadRecord {
  record.usable = false;
  return { record, found: [problem] };
}

function toSample(
  record: ImageRecord,
  facts: ImageFacts | undefined,
  mask: MaskLabel | undefined,
  { kind, maskFinding }: IndexRequest,
  image: string,
  key: string,
): Sample {
  const { id, split, source, attributes, boxes } = record;
  const header = facts?.header;
  const own = header?.patientSex;
  const sex = record.sex ?? (own === 'F' || own === 'M' ? own : undefined);
  const ageYears = record.ageYears ?? plausibleAge(header?.ageYears);
  const view = record.view ?? header?.viewPosition;
  const findings = findingsOf(record, mask, maskFinding);
  return {
    dataset: kind,
    id,
    image,
    patient: { key, ...(sex === undefined ? {} : { sex }), ...(ageYears === undefined ? {} : { ageYears }) },
    ...(view === undefined ? {} : { view }),
    ...(source === undefined ? {} : { source }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(split === undefined ? {} : { officialSplit: split }),
    labels: { findings, ...(boxes === undefined ? {} : { boxes }), ...(mask === undefined ? {} : { mask }) },
  };
}

/** The record's own object where nothing changes, so that what is shared stays shared. */
function findingsOf(
  { findings }: ImageRecord,
  mask: MaskLabel | undefined,
  maskFinding: string | undefined,
): Readonly<Record<string, boolean>> {
  const shown = mask === undefined || maskFinding === undefined ? {} : { [maskFinding]: mask.rle.length > 0 };
  if (findings[NO_FINDING] === undefined && Object.keys(shown).length === 0) return findings;
  const known = Object.entries(findings).filter(([name]) => name !== NO_FINDING);
  return { ...Object.fromEntries(known), ...shown };
}
