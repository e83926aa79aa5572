import { expect, test } from 'vitest';
import {
  formatCell,
  formatCounts,
  formatClassNotes,
  formatDataNotes,
  formatDifference,
  formatTableMarkdown,
  intervalNote,
  MEDICAL_NOTE,
} from './format-table.js';
import type { PairedMeasurement } from '../evaluate/measure.js';
import type { Table, TableCell } from './tables.js';

const cell = (more: Partial<TableCell>): TableCell => ({
  metric: 'auroc',
  datasets: ['rsna'],
  images: 10,
  patients: 8,
  ...more,
});

test.each<[Partial<TableCell>, string]>([
  [{}, '-'],
  [{ value: 0.4649 }, '0.46'],
  [{ value: 0.47, low: 0.415, high: 0.5249 }, '0.47 (0.41, 0.52)'],
  [{ value: 0, low: 0, high: 1 }, '0.00 (0.00, 1.00)'],
  [{ value: 0.5, low: 0.4 }, '0.50'],
])('%j reads %j', (values, text) => {
  expect(formatCell(cell(values))).toBe(text);
});

test.each<[PairedMeasurement | undefined, string]>([
  [undefined, ''],
  [{}, ''],
  [{ difference: 0.061, low: 0.011, high: 0.109, p: 0.0304 }, '+0.06 (0.01, 0.11) p 0.030'],
  [{ difference: -0.25, p: 0.0001 }, '-0.25 p<0.001'],
  [{ difference: 0 }, '+0.00'],
  [{ difference: -0.001, low: -0.004, high: 0 }, '-0.001 (-0.004, 0.000)'],
  [{ difference: 0.004, low: 0.001, high: 0.0072 }, '+0.004 (0.001, 0.007)'],
  [{ difference: -0.0001 }, '-0.000'],
])('a difference %j reads %j', (paired, text) => {
  expect(formatDifference(paired)).toBe(text);
});

const table: Table = {
  name: 'table1',
  title: 'Multi-task learning',
  columns: ['AUROC', 'Dice'],
  rows: [
    {
      label: 'Baseline',
      phase: 'a',
      datasets: ['rsna', 'siim'],
      cells: { AUROC: cell({ value: 0.8, paper: '0.87 (0.86, 0.88)' }) },
    },
    {
      label: 'Ours | best',
      phase: 'b',
      datasets: ['siim'],
      cells: { AUROC: cell({ value: 0.9, paired: { against: 'Baseline', difference: 0.1 } }), Dice: cell({}) },
      remark: 'not in the paper',
    },
  ],
};

const notes = { siim: ['Made masks', 'No patients.'], rsna: [], covid: ['not in this table'] };
test('one line a row, the paper’s numbers below the measured ones, remarks and notes below', () => {
  expect(formatTableMarkdown(table, { seed: 3, note: 'Phantom images.' }, notes)).toBe(
    [
      '# Multi-task learning',
      '',
      '| Experiment | Data | AUROC | Dice |',
      '|---|---|---|---|',
      '| Baseline | rsna + siim<br>10 images of 8 patients | 0.80<br>paper 0.87 (0.86, 0.88) |  |',
      '| Ours \\| best | siim<br>10 images of 8 patients | 0.90<br>+0.10 vs Baseline | - |',
      '',
      '- Ours | best: not in the paper',
      '',
      `${intervalNote()} Seed 3. ${MEDICAL_NOTE}`,
      '',
      'Phantom images.',
      '',
      '- siim: Made masks. No patients.',
      '',
    ].join('\n'),
  );
});

test('without remarks and note there are no gaps', () => {
  const text = formatTableMarkdown({ ...table, rows: [table.rows[0]!] }, { seed: 1 }, {});
  expect(text).not.toMatch(/\n{3}/);
  expect(text.endsWith(`${MEDICAL_NOTE}\n`)).toBe(true);
});

test('what data says of itself: only the datasets of the table, those that say the same together', () => {
  const rows = [{ datasets: ['rsna', 'siim'] }, { datasets: ['covid'] }] as unknown as Parameters<
    typeof formatDataNotes
  >[0]['rows'];
  const notes = { rsna: ['Generated'], siim: ['Generated'], covid: ['So few', 'Mixed sources.'], nih: ['Unused'] };
  expect(formatDataNotes({ rows }, notes)).toEqual(['rsna, siim: Generated.', 'covid: So few. Mixed sources.']);
  const prefixed = { rsna: ['rsna: RSNA layout, 271 files', 'siim: is another'] };
  expect(formatDataNotes({ rows }, prefixed)).toEqual(['rsna: RSNA layout, 271 files. siim: is another.']);
});

test('which labels a mean is over, with their positives; rows with other images are named', () => {
  const counted = (name: string, positives: number, own = true, negatives = 90) => ({
    ...{ name, positives, negatives, counted: own },
  });
  const of = (label: string, classes: TableCell['classes']) => ({
    ...{ label, phase: label, datasets: ['d'], cells: { AUROC: cell(classes === undefined ? {} : { classes }) } },
  });
  const many = [counted('Mass', 12), counted('Edema', 10), counted('Hernia', 2, false), counted('Nodule', 0, false, 0)];
  const text =
    'AUROC is a mean over 2 of 3 labels, with so many positive test images: Mass 12, Edema 10; not in it: Hernia 2.';
  const notes = (...rows: readonly ReturnType<typeof of>[]) => formatClassNotes({ columns: ['AUROC', 'F1'], rows });
  expect(notes(of('a', many), of('b', many), of('c', undefined))).toEqual([text]);
  const one = [counted('COVID-19', 56, true, 32), counted('Nodule', 0, false, 0)];
  expect(notes(of('a', many), of('b', one), of('c', many))).toEqual([
    `a; c: ${text}`,
    'b: AUROC is of COVID-19, which 56 of 88 test images have.',
  ]);
  expect(notes(of('a', [counted('Mass', 2, false), counted('Edema', 3, false)]))).toEqual([
    'AUROC is a mean over 0 of 2 labels; not in it: Mass 2, Edema 3.',
  ]);
  const markdown = formatTableMarkdown({ ...table, rows: [of('a', many)] }, { seed: 1 }, {});
  expect(markdown).toContain(`\n- ${text}\n`);
});

test('a column with a default threshold says so, below its classes', () => {
  const row = (label: string, untuned: string[]) => ({
    ...{ label, phase: label, datasets: ['d'] },
    cells: { F1: cell(untuned.length === 0 ? {} : { untuned }) },
  });
  const notes = (...rows: ReturnType<typeof row>[]) => formatClassNotes({ columns: ['AUROC', 'F1'], rows });
  expect(notes(row('a', []), row('b', []))).toEqual([]);
  expect(notes(row('a', ['Hernia']), row('b', []))).toEqual([
    'a: F1: the threshold of Hernia is the default, not tuned: validation has no image to choose it by.',
  ]);
  expect(notes(row('a', ['Hernia']))).toEqual([
    'F1: the threshold of Hernia is the default, not tuned: validation has no image to choose it by.',
  ]);
  expect(notes(row('a', ['Hernia']), row('b', ['Hernia', 'Mass']))).toEqual([
    'a: F1: the threshold of Hernia is the default, not tuned: validation has no image to choose it by.',
    'b: F1: the thresholds of Hernia, Mass are defaults, not tuned: validation has no image to choose them by.',
  ]);
});

test('a dash where no test image is labelled for the head says so', () => {
  const row = (label: string, images: number) => ({
    ...{ label, phase: label, datasets: ['rsna'] },
    cells: { Dice: cell({ metric: 'dice', images, patients: images }), F1: cell({}) },
  });
  expect(formatClassNotes({ columns: ['Dice', 'F1'], rows: [row('masks', 0), row('trained', 5)] })).toEqual([
    'masks: Dice: not measured, for no test image of rsna is labelled for this head.',
  ]);
});

test('counts say so where intervals draw sources', () => {
  const of = (more: Partial<TableCell>): string => formatCounts({ cells: { AUROC: cell(more) } });
  expect(of({})).toBe('10 images of 8 patients');
  expect(of({ sources: 3 })).toBe('10 images of 8 patients from 3 sources, which the intervals draw');
});
