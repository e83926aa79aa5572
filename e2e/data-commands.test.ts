import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dataOf, json, multichexnet, temporary } from './command.ts';

const tree = inject('phantom');
const all = dataOf(tree, ['chestxray14', 'rsna', 'siim', 'covid']);
const map = ['--patient-map', join(tree, 'patient_map.csv')];
let folder: string;
beforeAll(async () => {
  folder = await temporary();
});
afterAll(() => rm(folder, { recursive: true }));

interface Leaks {
  readonly leaks: readonly { readonly patient: string }[];
}

test('leaks: some by the official lists, none as training splits', async () => {
  const official = await json<Leaks>(['data', 'leaks', ...all, ...map]);
  expect(official.document.leaks.length).toBeGreaterThan(0);
  expect(official.code).toBe(1);
  const assigned = await json<Leaks>(['data', 'leaks', ...all, ...map, '--by', 'assigned']);
  expect([assigned.code, assigned.document.leaks]).toEqual([0, []]);
});

test('stats of several datasets, without decoding', async () => {
  const { code, document } = await json<{ datasets: { kind: string; images: number; sizes: object }[] }>([
    ...['data', 'stats', '--no-pixels'],
    ...all,
  ]);
  expect(code).toBe(0);
  expect(document.datasets.map(({ kind }) => kind)).toEqual(['chestxray14', 'rsna', 'siim', 'covid']);
  for (const { images, sizes } of document.datasets) {
    expect(images).toBeGreaterThanOrEqual(50);
    expect(sizes).toEqual({});
  }
});

test('a contact sheet and a report are written', async () => {
  const sheet = join(folder, 'sheet.png');
  const { code, document } = await json<{ cells: unknown[] }>([
    ...['data', 'preview', 'siim', join(tree, 'siim'), '--out', sheet, '--count', '5'],
  ]);
  expect([code, document.cells.length]).toEqual([0, 5]);
  expect((await readFile(sheet)).subarray(1, 4).toString()).toBe('PNG');
  const report = join(folder, 'report.html');
  expect(
    (await multichexnet(['data', 'report', ...dataOf(tree, ['rsna', 'siim']), ...map, '--out', report])).code,
  ).toBe(0);
  const html = await readFile(report, 'utf8');
  expect(html).toContain('<svg role="img" aria-label="rsna: ');
  expect(html).not.toContain('<script');
});

test('words that are missing or unknown are usage errors', async () => {
  const code = async (...words: string[]): Promise<unknown> => {
    const { code: exit, document } = await json<{ error: { code: string } }>(['data', ...words]);
    return [exit, document.error.code];
  };
  expect(await code('leaks')).toEqual([2, 'CLI_MISSING_ARGUMENT']);
  expect(await code('leaks', '--data', 'rsna')).toEqual([2, 'CLI_DATA_INVALID']);
  expect(await code('leaks', '--data', `rsna=${tree}/rsna`, '--by', 'chance')).toEqual([2, 'CLI_OPTION_VALUE']);
  expect(await code('preview', 'rsna', `${tree}/rsna`)).toEqual([2, 'CLI_MISSING_ARGUMENT']);
  expect(await code('stats', 'rsna', `${tree}/siim`)).toEqual([2, 'DATA_ROOT_MISSING']);
  expect(await code('stats', 'rsnaa', `${tree}/siim`)).toEqual([2, 'PLUGIN_UNKNOWN']);
  expect(await code('verify', 'rsna', `${tree}/rsna`, '--set', 'rsna.header=false')).toEqual([2, 'CONFIG_UNKNOWN_KEY']);
});
