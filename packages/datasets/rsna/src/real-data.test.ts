import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readPatientMap } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { rsnaDataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const found = existsSync(join(data, 'stats.json'));
if (!found) process.stdout.write('skipped: real data not found\n');

interface Stats {
  readonly rsna: {
    readonly dicoms: number;
    readonly nih_patients: number;
    readonly positive: number;
    readonly negative: number;
    readonly boxes: number;
    readonly classes: Readonly<Record<string, number>>;
  };
}

test.skipIf(!found)('the real root agrees with its counts', async () => {
  const { rsna: stats } = JSON.parse(readFileSync(join(data, 'stats.json'), 'utf8')) as Stats;
  const map = await readPatientMap(join(data, 'patient_map.csv'));
  const root = join(data, 'rsna');
  const index = await rsnaDataset.open(root, { headers: true }, { patientOf: map.patientOf });
  expect([map.problems, index.problems, index.skipped]).toEqual([[], [], {}]);
  expect((index.counts.views?.['PA'] ?? 0) + (index.counts.views?.['AP'] ?? 0)).toBe(stats.dicoms);
  expect(index.counts).toMatchObject({
    images: stats.dicoms,
    patients: stats.nih_patients,
    labels: stats.classes,
    boxes: stats.boxes,
    masks: 0,
    positives: stats.positive,
  });
  expect(index.samples.length).toBe(stats.dicoms);
  const positive = index.samples.filter((sample) => sample.labels.findings['Pneumonia'] === true);
  expect(positive.length).toBe(stats.positive);
  expect(positive.flatMap((sample) => sample.labels.boxes ?? []).length).toBe(stats.boxes);
  for (const sample of index.samples) {
    expect(sample.labels.boxes?.length === 0).toBe(sample.labels.findings['Pneumonia'] === false);
    expect(sample.patient.key).toMatch(/^nih:\d+$/);
    expect(['F', 'M']).toContain(sample.patient.sex);
    expect(sample.patient.ageYears).toBeGreaterThan(0);
    expect(['AP', 'PA']).toContain(sample.view);
  }
});

test.skipIf(!found)('without headers the labels are the same and the rest is unknown', async () => {
  const root = join(data, 'rsna');
  const full = await rsnaDataset.open(root, { headers: true }, {});
  const quick = await rsnaDataset.open(root, { headers: false }, {});
  expect({ ...quick.counts, views: full.counts.views }).toEqual(full.counts);
  expect(quick.counts.views).toBeUndefined();
  expect(quick.samples.map(({ id, labels }) => ({ id, labels }))).toEqual(
    full.samples.map(({ id, labels }) => ({ id, labels })),
  );
  expect(quick.samples[0]?.patient).toEqual({ key: `rsna:${quick.samples[0]?.id}` });
  expect(quick.samples[0]?.view).toBeUndefined();
});
