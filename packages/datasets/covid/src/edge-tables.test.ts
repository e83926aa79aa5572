import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { covidDataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const edge = join(data, 'edge');
const found = existsSync(join(edge, 'expected.csv'));
if (!found) process.stdout.write('skipped: real data not found\n');

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
