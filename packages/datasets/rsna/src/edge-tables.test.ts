import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { rsnaDataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const edge = join(data, 'edge');
const found = existsSync(join(edge, 'expected.csv'));
if (!found) process.stdout.write('skipped: real data not found\n');

test.skipIf(!found)('each wrong box says what is wrong', async () => {
  const { rows, problems } = await rsnaDataset.checkTable(join(edge, 'csv/rsna_bad_boxes.csv'));
  expect(rows).toBe(10);
  expect(problems.map(({ code, line }) => `${line} ${code}`)).toEqual([
    '3 BOX_INVALID',
    '4 BOX_INVALID',
    '5 BOX_INVALID',
    '6 BOX_INVALID',
    '7 BOX_INVALID',
    '8 BOX_INVALID',
    '9 LABEL_UNKNOWN',
    '10 BOX_INVALID',
  ]);
  const semicolons = await rsnaDataset.checkTable(join(edge, 'csv/rsna_labels_semicolon.csv'));
  expect(semicolons.problems[0]?.message).toContain('separated by ";"');
});
