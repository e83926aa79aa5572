import { basename } from 'node:path';
import { shown } from '../table/cells.js';
import { ProblemList } from '../table/problem-list.js';
import { readTable } from '../table/read-table.js';
import type { DataProblem, DatasetContext } from './dataset.js';

export interface PatientMap {
  /** Global key of an image's patient; undefined where the map has no row. */
  readonly patientOf: NonNullable<DatasetContext['patientOf']>;
  /** Images that it knows. */
  readonly size: number;
  readonly problems: readonly DataProblem[];
}

/**
 * Reads the optional `patientMap` CSV: columns `dataset` (kind), `image` (sample id) and `patient` (global key, the same for one person in every
 * dataset). Problems: `DATA_MISSING_FILE`, `CSV_HEADER`, `CSV_ROW`, `CSV_QUOTE`, `ID_DUPLICATE`, and `PATIENT_CONFLICT` for an image of two patients.
 */
export async function readPatientMap(file: string): Promise<PatientMap> {
  const name = basename(file);
  const problems = new ProblemList();
  const patients = new Map<string, { readonly patient: string; readonly line: number }>();
  const spec = { dataset: { name: 'dataset' }, image: { name: 'image' }, patient: { name: 'patient' } };
  await readTable({ path: file, name }, spec, problems, ({ dataset, image, patient, line }) => {
    if (dataset === '' || image === '' || patient === '') {
      problems.add('CSV_ROW', name, line, 'dataset, image and patient must not be blank');
      return;
    }
    const key = keyOf(dataset, image);
    const earlier = patients.get(key);
    if (earlier === undefined) patients.set(key, { patient, line });
    else if (earlier.patient === patient)
      problems.add('ID_DUPLICATE', name, line, `repeats line ${earlier.line} (${shown(image)})`);
    else
      problems.add(
        'PATIENT_CONFLICT',
        name,
        line,
        `${shown(image)} is of patient ${shown(patient)} here and of ${shown(earlier.patient)} on line ${earlier.line}`,
      );
  });
  return {
    patientOf: (dataset, image) => patients.get(keyOf(dataset, image))?.patient,
    size: patients.size,
    problems: problems.toArray(),
  };
}

/** One image of a dataset with the patient id that the dataset itself gives it. */
export interface OwnPatient {
  readonly image: string;
  readonly own: string;
  /** Line of the table that says so, for messages. */
  readonly line?: number;
}

/**
 * Patient keys of one dataset's images: the map's where it has a row; else the map's key of another image of the same own patient, so that an
 * incomplete map can't tear a patient apart; else `<dataset>:<own>`. An own patient whom the map splits is a `PATIENT_CONFLICT`.
 */
export function resolvePatients(
  dataset: string,
  images: readonly OwnPatient[],
  context: DatasetContext,
  problems: ProblemList,
  table: string,
): ReadonlyMap<string, string> {
  const mapped = new Map<string, string>();
  const keyOfOwn = new Map<string, string>();
  for (const { image, own, line } of images) {
    const key = context.patientOf?.(dataset, image);
    if (key === undefined) continue;
    mapped.set(image, key);
    const other = keyOfOwn.get(own);
    if (other === undefined) keyOfOwn.set(own, key);
    else if (other !== key)
      problems.add(
        'PATIENT_CONFLICT',
        table,
        line,
        `the patient map gives ${shown(image)} to ${shown(key)}, another image of the same patient to ${shown(other)}`,
      );
  }
  const keys = new Map<string, string>();
  for (const { image, own } of images) {
    const key = keyOfOwn.get(own) ?? `${dataset}:${own}`;
    keyOfOwn.set(own, key); // one string for all images of a patient
    keys.set(image, mapped.get(image) ?? key);
  }
  return keys;
}

function keyOf(dataset: string, image: string): string {
  return `${dataset}\0${image}`;
}
