import {
  parseAge,
  parseDecimal,
  parseSex,
  readTable,
  shown,
  type ColumnSpec,
  type LabelledBox,
  type OptionsOf,
  type ProblemList,
  type TableFile,
  type TableRow,
} from '@multichexnet/core';
import { findingName, NO_FINDING, parseSplit, safePath, type ImageRecord } from './image-record.js';
import type { csvOptions } from './options.js';

export type CsvOptions = OptionsOf<typeof csvOptions>;

type Writable<T> = { -readonly [K in keyof T]: T[K] };
/** Columns of the options by their own name; those of `findings` and `attributes` by the column's, behind a mark. */
type Cells = TableRow<string>;

interface Manifest {
  readonly rows: number;
  readonly records: readonly ImageRecord[];
}

/** Reads the table: a row an image, or a row a box where it has box columns. */
export async function readManifest(file: TableFile, options: CsvOptions, problems: ProblemList): Promise<Manifest> {
  const records = new Map<string, ImageRecord>();
  const spec: Record<string, ColumnSpec> = {};
  for (const [key, name] of Object.entries(options.columns)) spec[key] = { name, optional: key !== 'image' };
  for (const name of options.findings) spec[`finding ${name}`] = { name };
  for (const name of options.attributes) spec[`attribute ${name}`] = { name };
  let header: ReadonlySet<string> | undefined;
  const { rows } = await readTable({ ...file, onHeader: (names) => (header = new Set(names)) }, spec, problems, (row) =>
    addRow(row, new RowContext(file.name, options, header ?? new Set(), problems), records),
  );
  return { rows, records: closeVocabulary([...records.values()], options) };
}

/** What reading one row needs to know. */
class RowContext {
  readonly file: string;
  readonly options: CsvOptions;
  readonly hasColumn: (key: keyof CsvOptions['columns']) => boolean;
  readonly problems: ProblemList;

  constructor(file: string, options: CsvOptions, header: ReadonlySet<string>, problems: ProblemList) {
    this.file = file;
    this.options = options;
    this.hasColumn = (key) => header.has(options.columns[key]);
    this.problems = problems;
  }
}

function addRow(row: Cells, context: RowContext, records: Map<string, ImageRecord>): void {
  const { file, problems } = context;
  const cell = (key: string): string => row[key] ?? '';
  const id = safePath(cell('image'));
  if (id === undefined)
    return problems.add('DATA_PATH', file, row.line, `image ${shown(cell('image'))} is no path below the root`);
  const record = toRecord(row, id, context);
  const earlier = records.get(id);
  if (earlier === undefined) {
    records.set(id, record);
    return;
  }
  if (!record.usable) earlier.usable = false;
  const same = (value: ImageRecord): string => JSON.stringify({ ...value, line: 0, usable: true, boxes: undefined });
  if (same(earlier) !== same(record)) {
    earlier.usable = false;
    return problems.add(
      'LABEL_CONTRADICTION',
      file,
      row.line,
      `${shown(id)} is on line ${earlier.line} too, with other cells`,
    );
  }
  const [box] = record.boxes ?? [];
  const known = earlier.boxes ?? [];
  const isTwin = (other: LabelledBox): boolean => JSON.stringify(other) === JSON.stringify(box);
  if (box === undefined || known.some(isTwin))
    return problems.add('ID_DUPLICATE', file, row.line, `repeats line ${earlier.line} (${shown(id)})`);
  if (known.length === 0) {
    earlier.usable = false;
    return problems.add(
      'LABEL_CONTRADICTION',
      file,
      row.line,
      `a box, but line ${earlier.line} says that ${shown(id)} has none`,
    );
  }
  known.push(box);
}

function toRecord(row: Cells, id: string, context: RowContext): ImageRecord {
  const { file, options, problems, hasColumn } = context;
  const cell = (key: string): string => row[key] ?? '';
  const record: Writable<ImageRecord> = { id, file, line: row.line, findings: {}, words: [], usable: true };
  const report = (code: string, message: string): void => problems.add(code, file, row.line, message);
  const reject = (code: string, message: string): void => {
    report(code, message);
    record.usable = false;
  };
  if (hasColumn('patient')) {
    record.patient = cell('patient');
    if (record.patient === '')
      reject('CSV_ROW', 'patient is blank: nobody could say on which side of a split it may stand');
  }
  if (cell('split') !== '') {
    const split = parseSplit(cell('split'));
    if (split === undefined) reject('CSV_ROW', `split ${shown(cell('split'))} is none of train, validation, test`);
    else record.split = split;
  }
  const sex = parseSex(cell('sex'));
  if (sex === undefined) report('CSV_ROW', `sex ${shown(cell('sex'))} is neither F nor M`);
  else if (sex !== 'unknown') record.sex = sex;
  const age = parseAge(cell('age'));
  if (age === undefined) report('CSV_ROW', `age ${shown(cell('age'))} is not an age`);
  else if (age !== 'unknown') record.ageYears = age;
  if (cell('view') !== '') record.view = cell('view');
  if (cell('source') !== '') record.source = cell('source');
  const attributes = options.attributes.flatMap((name) => {
    const value = cell(`attribute ${name}`);
    return value === '' ? [] : [[name, value] as const];
  });
  if (attributes.length > 0) record.attributes = Object.fromEntries(attributes);
  if (options.findings.length > 0) Object.assign(record, findingsOfColumns(cell, options, reject));
  else if (cell('label') !== '') Object.assign(record, findingsOfList(cell('label'), options, reject));
  if (hasColumn('x')) {
    const box = readBox([cell('x'), cell('y'), cell('width'), cell('height')], reject);
    record.boxes = box === undefined ? [] : [{ ...box, ...boxFinding(record.findings) }];
  }
  if (hasColumn('mask')) {
    const mask = cell('mask') === '' ? '' : safePath(cell('mask'));
    if (mask === undefined) reject('DATA_PATH', `mask ${shown(cell('mask'))} is no path below the root`);
    else record.mask = mask === '' || options.masks === undefined ? mask : `${options.masks}/${mask}`;
  }
  return record;
}

type Reject = (code: string, message: string) => void;
type Stated = Pick<ImageRecord, 'findings' | 'words'>;

const YES = /^(?:1(?:\.0*)?|true|yes|y)$/i;
const NO = /^(?:0(?:\.0*)?|false|no|n)$/i;
/** Blank, and CheXpert's "uncertain". */
const UNKNOWN = /^(?:|-1(?:\.0*)?|na|nan|unknown|u)$/i;

function findingsOfColumns(cell: (key: string) => string, options: CsvOptions, reject: Reject): Stated {
  const findings: Record<string, boolean> = {};
  const words: string[] = [];
  for (const column of options.findings) {
    const text = cell(`finding ${column}`);
    const name = findingName(column, options.harmonise);
    if (YES.test(text)) {
      findings[name] = true;
      words.push(column);
    } else if (NO.test(text)) findings[name] = false;
    else if (!UNKNOWN.test(text))
      reject('LABEL_UNKNOWN', `${column} ${shown(text)} is neither 1 nor 0, nor blank or -1 for unknown`);
  }
  if (
    findings[NO_FINDING] === true &&
    Object.entries(findings).some(([name, there]) => there && name !== NO_FINDING && name !== 'Support Devices')
  )
    reject('LABEL_CONTRADICTION', 'says No Finding and a finding');
  return { findings, words };
}

function findingsOfList(text: string, options: CsvOptions, reject: Reject): Stated {
  const words = text.split(options.separator).map((word) => word.trim());
  if (words.includes('')) reject('LABEL_UNKNOWN', `label ${shown(text)} has a blank part`);
  const names = words.map((word) => findingName(word, options.harmonise));
  if (names.includes(NO_FINDING) && new Set(names).size > 1)
    reject('LABEL_CONTRADICTION', `${shown(text)} says No Finding and a finding`);
  return { findings: Object.fromEntries(names.map((name) => [name, true])), words };
}

function readBox(texts: readonly string[], reject: Reject): Omit<LabelledBox, 'finding'> | undefined {
  if (texts.every((text) => text === '')) return undefined;
  const [x, y, width, height] = texts.map(parseDecimal);
  if (x === undefined || y === undefined || width === undefined || height === undefined) {
    reject('BOX_INVALID', `x, y, width, height ${shown(texts.join(', '))} are not four numbers`);
    return undefined;
  }
  if (x < 0 || y < 0 || width <= 0 || height <= 0) {
    reject('BOX_INVALID', `box ${texts.join(', ')}: x and y must not be negative, width and height must be positive`);
    return undefined;
  }
  return { x, y, width, height };
}

/** A box is of the one finding that its row states. */
function boxFinding(findings: Readonly<Record<string, boolean>>): { finding?: string } {
  const stated = Object.keys(findings).filter((name) => findings[name] === true && name !== NO_FINDING);
  return stated.length === 1 ? { finding: stated[0] as string } : {};
}

/** With `absent: 'no'`, an image whose list names some findings has none of the others that occur. One without a list says nothing. */
function closeVocabulary(records: readonly ImageRecord[], options: CsvOptions): ImageRecord[] {
  if (options.findings.length > 0 || options.absent === 'unknown') return [...records];
  const all = new Set<string>();
  for (const { findings } of records) for (const name of Object.keys(findings)) all.add(name);
  all.delete(NO_FINDING);
  // One object for every combination: a table of 100,000 rows holds some hundreds.
  const closed = new Map<string, Readonly<Record<string, boolean>>>();
  return records.map((record) => {
    if (record.words.length === 0) return record;
    const key = Object.keys(record.findings).join('\n');
    let findings = closed.get(key);
    if (findings === undefined) {
      findings = Object.fromEntries([...all].map((name) => [name, record.findings[name] === true]));
      closed.set(key, findings);
    }
    return { ...record, findings };
  });
}
