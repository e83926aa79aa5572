import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { siimDataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const edge = join(data, 'edge');
const found = existsSync(join(edge, 'expected.csv'));
if (!found) process.stdout.write('skipped: real data not found\n');

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
