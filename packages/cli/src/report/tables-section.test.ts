import type { Table } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { tablesSection } from './tables-section.js';

const cell = { metric: 'dice', datasets: ['siim'], value: 0.8, low: 0.7, high: 0.9, images: 30, patients: 20 };
const paired = (low: number, high: number) => ({ against: 'Plain <b>', difference: 0.004, low, high, p: 0.01 });
const table = (low: number, high: number): Table => ({
  name: 'table2',
  title: 'Gate & forcing',
  columns: ['Dice', 'mAP'],
  seeds: 3,
  rows: [
    { label: 'Plain <b>', phase: 'a', datasets: ['siim'], cells: { Dice: { ...cell, paper: '0.78 (0.77, 0.79)' } } },
    { label: 'Gated', phase: 'b', datasets: ['siim'], cells: { Dice: { ...cell, paired: paired(low, high) } } },
  ],
});
const run = (low: number, high: number) => ({
  tables: [table(low, high)],
  dataNotes: { siim: ['No <i>masks</i>.'], rsna: ['Not used.'] },
  protocol: { seeds: [1, 2, 3] },
});

test("a table stands beside the paper's numbers, with what its data are and its numbers to download", () => {
  const html = tablesSection(run(0.001, 0.007) as never);
  for (const text of [
    'Table 2: Gate &#38; forcing',
    '0.80\u00a0(0.70,\u00a00.90)',
    '+0.004\u00a0(0.001,\u00a00.007) p\u00a00.010',
    'paper 0.78',
    'difference to Plain &#60;b&#62;',
    '<span class="line">siim</span><span class="line">30 images of 20 patients</span>',
  ])
    expect(html).toContain(text);
  expect(html).toContain('siim: No &#60;i&#62;masks&#60;/i&#62;.');
  expect(html).not.toContain('Not used');
  expect(html).not.toContain('<th scope="col">mAP');
  const [, data = ''] = /href="data:text\/csv;charset=utf-8,([^"]*)"/.exec(html) ?? [];
  expect(decodeURIComponent(data).split('\n').slice(0, 3)).toEqual([
    'row,data,metric,value,low,high,images,patients,paper,against,difference,difference low,difference high,p',
    'Plain <b>,siim,Dice,0.8,0.7,0.9,30,20,"0.78 (0.77, 0.79)",,,,,',
    'Gated,siim,Dice,0.8,0.7,0.9,30,20,,Plain <b>,0.004,0.001,0.007,0.01',
  ]);
});

test('p is explained where there is one', () => {
  expect(tablesSection(run(0.001, 0.007) as never)).toContain('paired bootstrap over patients and seeds');
  const { tables, ...rest } = run(0.001, 0.007);
  const alone = tables.map((one) => ({ ...one, rows: one.rows.slice(0, 1) }));
  expect(tablesSection({ ...rest, tables: alone } as never)).not.toContain('paired bootstrap');
});

test('an unfinished run says why it has no tables', () => {
  expect(tablesSection({ tables: [], dataNotes: {}, protocol: {} } as never)).toContain('not finished');
});
