import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ProblemList, readTable } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { covidDataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const edge = join(data, 'edge');
const found = existsSync(join(edge, 'expected.csv'));
if (!found) process.stdout.write('skipped: real data not found\n');

const mine = /^csv\/(covid_|html_|zero_byte)/;

test.skipIf(!found)('the edge tables load, or are refused with exactly the wrong lines', async () => {
  const columns = { file: { name: 'file' }, expected: { name: 'expected' }, lines: { name: 'bad_lines' } };
  const cases: { file: string; expected: string; lines: string }[] = [];
  const table = { path: join(edge, 'expected.csv'), name: 'expected.csv' };
  await readTable(table, columns, new ProblemList(), (row) => void (mine.test(row.file) && cases.push(row)));
  expect(cases.length).toBe(5);
  for (const { file, expected, lines } of cases) {
    const { problems } = await covidDataset.checkTable(join(edge, file));
    if (expected === 'ok') expect([file, problems]).toEqual([file, []]);
    if (expected === 'refuse') expect([file, problems.length > 0]).toEqual([file, true]);
    if (lines !== '') expect([file, problems.map(({ line }) => line).join(' ')]).toEqual([file, lines]);
  }
});

test.skipIf(!found)('what is right has its rows, what is wrong its code', async () => {
  const check = async (file: string) => {
    const { rows, problems } = await covidDataset.checkTable(join(data, file));
    return [rows, ...problems.map(({ code, line }) => `${line} ${code}`)];
  };
  expect(await check('edge/csv/covid_metadata_2020-04_header.csv')).toEqual([12]);
  expect(await check('edge/csv/covid_open_quote.csv')).toEqual([1, '3 CSV_QUOTE']);
  expect(await check('edge/csv/covid_path_traversal.csv')).toEqual([3, '3 DATA_PATH', '4 DATA_PATH']);
  expect(await check('covid/metadata_30_columns.csv')).toEqual([113]);
});
