import {
  isPlainFileName,
  parseAge,
  parseSex,
  readTable,
  shown,
  type ProblemList,
  type TableFile,
  type TableRow,
} from '@multichexnet/core';
import { parseFinding, type ParsedFinding } from './findings.js';

/** Where the images are in tables that have no folder column. */
const DEFAULT_FOLDER = 'images';

/** One row of the metadata. */
export interface Entry {
  readonly id: string;
  readonly line: number;
  /** Folder and file name, each a plain name, so that the path stays inside the root. */
  readonly folder: string;
  readonly patient: string;
  readonly sex?: 'F' | 'M';
  readonly ageYears?: number;
  readonly view: string;
  readonly modality: string;
  /** Hospital or town, else the host of the page that the image is from. */
  readonly source?: string;
  /** The cell itself. */
  readonly words: string;
  readonly finding: ParsedFinding;
  /** False after a wrong cell, or when another row contradicts this one. */
  usable: boolean;
}

const spec = {
  patient: { name: 'patientid', aliases: ['Patientid'] },
  sex: { name: 'sex' },
  age: { name: 'age' },
  finding: { name: 'finding' },
  view: { name: 'view' },
  modality: { name: 'modality' },
  location: { name: 'location', optional: true },
  folder: { name: 'folder', optional: true },
  filename: { name: 'filename' },
  url: { name: 'url', optional: true },
};

/** Reads `metadata.csv` in any of its three forms: April 2020 (`Patientid`, no folder), mid-2020 (29 columns), and with RT_PCR_positive (30 columns). */
export async function readMetadata(
  file: TableFile,
  problems: ProblemList,
): Promise<{ readonly rows: number; readonly entries: ReadonlyMap<string, Entry> }> {
  const entries = new Map<string, Entry>();
  const { rows } = await readTable(file, spec, problems, (row) => {
    const report = (code: string, message: string): void => problems.add(code, file.name, row.line, message);
    const folder = row.folder === '' ? DEFAULT_FOLDER : row.folder;
    if (!isPlainFileName(folder) || !isPlainFileName(row.filename))
      return report('DATA_PATH', `folder ${shown(folder)}, filename ${shown(row.filename)} must each be a plain name`);
    const earlier = entries.get(row.filename);
    if (earlier !== undefined) {
      if (earlier.words === row.finding && earlier.patient === row.patient)
        return report('ID_DUPLICATE', `repeats line ${earlier.line} (${shown(row.filename)})`);
      earlier.usable = false;
      return report(
        'LABEL_CONTRADICTION',
        `${shown(row.filename)} is on line ${earlier.line} too, with another finding or patient`,
      );
    }
    entries.set(row.filename, toEntry(row, folder, report));
  });
  return { rows, entries };
}

function toEntry(
  row: TableRow<keyof typeof spec>,
  folder: string,
  report: (code: string, message: string) => void,
): Entry {
  const finding = parseFinding(row.finding);
  if (finding.kind === 'wrong') report(finding.code, finding.message);
  if (row.patient === '') report('CSV_ROW', 'patientid is blank');
  const age = parseAge(row.age);
  if (age === undefined) report('CSV_ROW', `age ${shown(row.age)} is not an age`);
  const sex = parseSex(row.sex);
  if (sex === undefined) report('CSV_ROW', `sex ${shown(row.sex)} is neither F nor M`);
  const source = row.location === '' ? hostOf(row.url) : row.location;
  return {
    id: row.filename,
    line: row.line,
    folder,
    patient: row.patient,
    ...(sex === 'F' || sex === 'M' ? { sex } : {}),
    ...(typeof age === 'number' ? { ageYears: age } : {}),
    view: row.view,
    modality: row.modality,
    ...(source === undefined ? {} : { source }),
    words: row.finding,
    finding,
    usable: finding.kind !== 'wrong' && row.patient !== '',
  };
}

function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^www\./, '') || undefined;
}

/** Why the layout itself leaves a row out, or undefined for a row to use. */
export function skipReason(entry: Entry, views: ReadonlySet<string>): string | undefined {
  const { view } = entry;
  if (entry.id.endsWith('.gz')) return 'volume-gz';
  if (entry.modality !== 'X-ray') return entry.modality === 'CT' ? 'ct' : 'other-modality';
  if (entry.finding.kind === 'undecided') return 'finding-unknown';
  if (views.has(view.toLowerCase())) return undefined;
  if (view === '' || view === '?') return 'view-unknown';
  return view === 'L' ? 'lateral-view' : 'other-view';
}
