import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { chestXray14Dataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const edge = join(data, 'edge');
const found = existsSync(join(edge, 'expected.csv'));
if (!found) process.stdout.write('skipped: real data not found\n');

test.skipIf(!found)('what is right has its rows, what is wrong its code', async () => {
  const check = async (file: string) => {
    const { rows, problems } = await chestXray14Dataset.checkTable(join(edge, file));
    return [rows, ...problems.map(({ code, line }) => `${line} ${code}`)];
  };
  expect(await check('csv/nih_data_entry_bom_crlf.csv')).toEqual([8]);
  expect(await check('csv/nih_data_entry_no_final_newline.csv')).toEqual([8]);
  expect(await check('csv/nih_blank_lines.csv')).toEqual([2]);
  expect(await check('csv/nih_bad_bbox.csv')).toEqual([4, '3 BOX_INVALID', '4 BOX_INVALID', '5 ID_UNKNOWN']);
  expect(await check('csv/nih_duplicate_ids.csv')).toEqual([4, '4 ID_DUPLICATE', '5 LABEL_CONTRADICTION']);
  expect(await check('csv/nih_missing_column.csv')).toEqual([0, '1 CSV_HEADER']);
  expect(await check('split/crlf_blank/train_val_list.txt')).toEqual([5]);
  expect(await check('split/patient_in_both/train_val_list.txt')).toEqual([10, '10 SPLIT_LEAK']);
  const { problems } = await chestXray14Dataset.checkTable(join(edge, 'csv/nih_unknown_labels.csv'));
  expect(problems[0]?.message).toContain('did you mean "Pneumonia"?');
});
