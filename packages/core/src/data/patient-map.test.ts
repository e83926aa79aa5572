import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ProblemList } from '../table/problem-list.js';
import { readPatientMap, resolvePatients } from './patient-map.js';

const folder = mkdtempSync(join(tmpdir(), 'mcx-map-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const path = join(folder, 'patient_map.csv');
  writeFileSync(path, text);
  return path;
}

test('maps dataset and image to a patient', async () => {
  const map = await readPatientMap(write('dataset,image,patient\nrsna,a,nih:1\nsiim,a,siim:2\n'));
  expect(map.problems).toEqual([]);
  expect(map.size).toBe(2);
  expect(map.patientOf('rsna', 'a')).toBe('nih:1');
  expect(map.patientOf('siim', 'a')).toBe('siim:2');
  expect(map.patientOf('siim', 'constructor')).toBeUndefined();
});

test('problems have their lines', async () => {
  const map = await readPatientMap(
    write('dataset,image,patient\nrsna,a,nih:1\nrsna,a,nih:1\nrsna,a,nih:2\nrsna,,nih:3\nrsna,b\n'),
  );
  expect(map.problems.map(({ code, line }) => [code, line])).toEqual([
    ['ID_DUPLICATE', 3],
    ['PATIENT_CONFLICT', 4],
    ['CSV_ROW', 5],
    ['CSV_ROW', 6],
  ]);
  expect((await readPatientMap(join(folder, 'absent.csv'))).problems).toMatchObject([{ code: 'DATA_MISSING_FILE' }]);
});

test('an incomplete map does not tear a patient apart', () => {
  const problems = new ProblemList();
  const known: Record<string, string> = { a1: 'nih:5' };
  const images = [
    { image: 'a0', own: '5' },
    { image: 'a1', own: '5' },
    { image: 'b0', own: '6' },
  ];
  const keys = resolvePatients('rsna', images, { patientOf: (_, image) => known[image] }, problems, 't.csv');
  expect(Object.fromEntries(keys)).toEqual({ a0: 'nih:5', a1: 'nih:5', b0: 'rsna:6' });
  expect(problems.total).toBe(0);
});

test('a map that splits an own patient is named', () => {
  const problems = new ProblemList();
  const images = [
    { image: 'a0', own: '5', line: 2 },
    { image: 'a1', own: '5', line: 3 },
  ];
  resolvePatients('covid', images, { patientOf: (_, image) => `p:${image}` }, problems, 'metadata.csv');
  expect(problems.toArray()).toMatchObject([{ code: 'PATIENT_CONFLICT', file: 'metadata.csv', line: 3 }]);
});
