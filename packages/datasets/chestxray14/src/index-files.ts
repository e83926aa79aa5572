import {
  isPlainFileName,
  parseAge,
  parseCount,
  parseSex,
  readTable,
  shown,
  suggestion,
  type ProblemList,
  type TableFile,
} from '@multichexnet/core';
import { noFinding, words } from './labels.js';

const views: readonly string[] = ['PA', 'AP'];

/** One row of the data entry table. */
export interface Entry {
  readonly id: string;
  readonly line: number;
  /** NIH's patient number without leading zeros; undefined when the cell holds none. */
  readonly patient: string | undefined;
  readonly sex?: 'F' | 'M';
  readonly ageYears?: number;
  readonly view?: string;
  /** Of `words`; empty when the cell is wrong. */
  readonly labels: readonly string[];
  /** False after a wrong label or patient, or when another row contradicts this one. */
  usable: boolean;
}

/** Reads `Data_Entry_2017_v2020.csv`, or the 2017 release (ages like `058Y`, padded numbers, an empty last column). */
export async function readEntries(
  file: TableFile,
  problems: ProblemList,
): Promise<{ readonly rows: number; readonly entries: ReadonlyMap<string, Entry> }> {
  const entries = new Map<string, Entry>();
  // 112,120 rows hold a few hundred combinations of labels: each is parsed once, and shared.
  const parsed = new Map<string, readonly string[]>();
  const spec = {
    id: { name: 'Image Index' },
    labels: { name: 'Finding Labels' },
    followUp: { name: 'Follow-up #' },
    patient: { name: 'Patient ID' },
    age: { name: 'Patient Age' },
    sex: { name: 'Patient Gender', aliases: ['Patient Sex'] },
    view: { name: 'View Position' },
  };
  const { rows } = await readTable(file, spec, problems, (row) => {
    const report = (code: string, message: string): void => problems.add(code, file.name, row.line, message);
    if (!isPlainFileName(row.id)) return report('DATA_PATH', `Image Index ${shown(row.id)} is not a plain file name`);
    const labels = parsed.get(row.labels) ?? parseLabels(row.labels, report);
    if (labels !== undefined) parsed.set(row.labels, labels);
    const earlier = entries.get(row.id);
    if (earlier !== undefined) {
      const same = earlier.labels.join('|') === labels?.join('|') && earlier.patient === patientNumber(row.patient);
      if (same) return report('ID_DUPLICATE', `repeats line ${earlier.line} (${shown(row.id)})`);
      earlier.usable = false;
      return report(
        'LABEL_CONTRADICTION',
        `${shown(row.id)} is on line ${earlier.line} too, with another label or patient`,
      );
    }
    const patient = patientNumber(row.patient);
    if (patient === undefined) report('CSV_ROW', `Patient ID ${shown(row.patient)} is not a whole number`);
    if (row.followUp !== '' && parseCount(row.followUp) === undefined)
      report('CSV_ROW', `Follow-up # ${shown(row.followUp)} is not a whole number`);
    const age = parseAge(row.age);
    if (age === undefined) report('CSV_ROW', `Patient Age ${shown(row.age)} is not an age`);
    const sex = parseSex(row.sex);
    if (sex === undefined) report('CSV_ROW', `Patient Gender ${shown(row.sex)} is neither F nor M`);
    const viewKnown = views.includes(row.view);
    if (!viewKnown && row.view !== '') report('CSV_ROW', `View Position ${shown(row.view)} is neither PA nor AP`);
    entries.set(row.id, {
      id: row.id,
      line: row.line,
      patient,
      ...(sex === 'F' || sex === 'M' ? { sex } : {}),
      ...(typeof age === 'number' ? { ageYears: age } : {}),
      ...(viewKnown ? { view: row.view } : {}),
      labels: labels ?? [],
      usable: labels !== undefined && patient !== undefined,
    });
  });
  return { rows, entries };
}

/** Labels in the order of `words`, or undefined after a report. */
function parseLabels(text: string, report: (code: string, message: string) => void): string[] | undefined {
  const parts = text.split('|').map((part) => part.trim());
  let right = true;
  for (const part of parts) {
    if (words.includes(part)) continue;
    report(
      'LABEL_UNKNOWN',
      part === '' ? 'Finding Labels is blank' : `label ${shown(part)}; ${suggestion(part, words)}`,
    );
    right = false;
  }
  if (right && parts.includes(noFinding) && parts.length > 1) {
    report('LABEL_CONTRADICTION', `${shown(text)} says No Finding and a finding`);
    right = false;
  }
  return right ? words.filter((word) => parts.includes(word)) : undefined;
}

function patientNumber(text: string): string | undefined {
  return parseCount(text)?.toString();
}
