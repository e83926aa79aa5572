import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readPatientMap } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { covidOptions } from './options.js';
import { covidDataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const found = existsSync(join(data, 'stats.json'));
if (!found) process.stdout.write('skipped: real data not found\n');
const root = join(data, 'covid');
const frontal = { views: [...covidOptions.properties.views.default] };

interface Stats {
  readonly images: number;
  readonly rows: number;
  readonly rows_without_file_gz: number;
  readonly patients: number;
  readonly findings: Readonly<Record<string, number>>;
  readonly findings_xray: Readonly<Record<string, number>>;
  readonly views: Readonly<Record<string, number>>;
}
const readStats = () => (JSON.parse(readFileSync(join(data, 'stats.json'), 'utf8')) as { covid: Stats }).covid;

test.skipIf(!found)('the real root agrees with its counts', async () => {
  const stats = readStats();
  const map = await readPatientMap(join(data, 'patient_map.csv'));
  const index = await covidDataset.open(root, frontal, { patientOf: map.patientOf });
  expect(index.counts).toEqual({
    images: stats.images,
    patients: stats.patients,
    labels: stats.findings,
    views: stats.views,
    boxes: 0,
    masks: 0,
  });
  const { PA = 0, AP = 0, 'AP Supine': supine = 0, L: lateral = 0 } = stats.views;
  expect(index.samples.length).toBe(PA + AP + supine);
  const covid = index.samples.filter((sample) => sample.labels.findings['COVID-19'] === true);
  const stated = (stats.findings_xray['COVID-19'] ?? 0) + (stats.findings_xray['COVID-19, ARDS'] ?? 0);
  expect(covid.length).toBe(stated - covidLaterals(await covidDataset.open(root, { views: ['L'] }, {})));
  expect(index.skipped['absent-gz']).toBe(stats.rows_without_file_gz);
  expect(index.skipped['lateral-view']).toBe(lateral);
  const skipped = Object.values(index.skipped).reduce((sum, n) => sum + n, 0);
  expect(index.samples.length + skipped + index.problems.length).toBe(stats.rows);
  expect(index.problems).toMatchObject([{ code: 'DATA_MISSING_FILE', file: 'metadata.csv', line: 109 }]);
});

function covidLaterals(index: Awaited<ReturnType<typeof covidDataset.open>>): number {
  return index.samples.filter((sample) => sample.labels.findings['COVID-19'] === true).length;
}

test.skipIf(!found)('without a map the patients are the same', async () => {
  const index = await covidDataset.open(root, frontal, {});
  expect(index.counts.patients).toBe(readStats().patients);
});

test.skipIf(!found)('the table with finding paths gives the same samples and more findings', async () => {
  const paths = await mkdtemp(join(tmpdir(), 'mcx-covid-'));
  try {
    await copyFile(join(root, 'metadata_30_columns.csv'), join(paths, 'metadata.csv'));
    await symlink(join(root, 'images'), join(paths, 'images'));
    const flat = await covidDataset.open(root, frontal, {});
    const hierarchical = await covidDataset.open(paths, frontal, {});
    expect(hierarchical.samples.map(({ id }) => id)).toEqual(flat.samples.map(({ id }) => id));
    for (const [i, { labels }] of hierarchical.samples.entries()) {
      expect(labels.findings['COVID-19']).toBe(flat.samples[i]?.labels.findings['COVID-19']);
      expect(labels.findings['Pneumonia']).toBe(flat.samples[i]?.labels.findings['Pneumonia'] ?? true);
    }
    const [bacterial] = hierarchical.samples.filter(({ labels }) => labels.findings['Streptococcus'] === true);
    expect(bacterial?.labels.findings).toEqual({
      'COVID-19': false,
      Pneumonia: true,
      Bacterial: true,
      Streptococcus: true,
    });
  } finally {
    await rm(paths, { recursive: true });
  }
});
