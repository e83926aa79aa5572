import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ProblemList, readTable } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { siimDataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const edge = join(data, 'edge');
const found = existsSync(join(edge, 'expected.csv'));
if (!found) process.stdout.write('skipped: real data not found\n');

const mine = /^csv\/(siim_|html_|zero_byte)/;

test.skipIf(!found)('the edge tables load, or are refused with exactly the wrong lines', async () => {
  const columns = { file: { name: 'file' }, expected: { name: 'expected' }, lines: { name: 'bad_lines' } };
  const cases: { file: string; expected: string; lines: string }[] = [];
  const table = { path: join(edge, 'expected.csv'), name: 'expected.csv' };
  await readTable(table, columns, new ProblemList(), (row) => void (mine.test(row.file) && cases.push(row)));
  expect(cases.length).toBe(4);
  for (const { file, expected, lines } of cases) {
    const { problems } = await siimDataset.checkTable(join(edge, file));
    if (expected === 'ok') expect([file, problems]).toEqual([file, []]);
    if (expected === 'refuse') expect([file, problems.length > 0]).toEqual([file, true]);
    if (lines !== '') expect([file, problems.map(({ line }) => line).join(' ')]).toEqual([file, lines]);
  }
});

test.skipIf(!found)('each wrong row says what is wrong', async () => {
  const { rows, problems } = await siimDataset.checkTable(join(edge, 'csv/siim_bad_rle.csv'));
  expect(rows).toBe(11);
  expect(problems.map(({ code, line }) => `${line} ${code}`)).toEqual([
    '4 RLE_INVALID',
    '5 RLE_INVALID',
    '6 RLE_INVALID',
    '7 RLE_INVALID',
    '8 RLE_INVALID',
    '9 RLE_INVALID',
    '10 LABEL_CONTRADICTION',
    '11 RLE_INVALID',
    '12 RLE_INVALID',
  ]);
});
