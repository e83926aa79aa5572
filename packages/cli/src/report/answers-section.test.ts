import type { Table } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { answersOf, answersSection } from './answers-section.js';

const protocol = { resamples: 1000 };

/** A table of one row for each p, paired with a first one; intervals hold 0 where p is above .05. */
function tableOf(name: string, ps: readonly (number | undefined)[]): Table {
  const row = (label: string, paired?: object) => ({
    label,
    phase: label,
    datasets: ['siim'],
    cells: { Dice: { metric: 'dice', datasets: ['siim'], value: 0.8, images: 30, patients: 20, ...paired } },
  });
  const rows = ps.map((p, i) => {
    const interval = { low: p !== undefined && p < 0.05 ? 0.001 : -0.001, high: 0.007 };
    return row(`row ${i}`, {
      paired: { against: 'Plain <b>', difference: 0.004, ...interval, ...(p === undefined ? {} : { p }) },
    });
  });
  return { name, title: 'Gate & forcing', columns: ['Dice'], seeds: 3, rows: [row('Plain <b>'), ...rows] };
}

test('p-values are adjusted over the answers of a table, and over all answers', () => {
  const answers = answersOf([tableOf('one', [0.01, 0.03]), tableOf('two', [0.04, undefined, 0.5])]);
  expect(answers.map(({ inTable }) => inTable)).toEqual([0.02, 0.03, 0.08, undefined, 0.5]);
  expect(answers.map(({ inRun }) => inRun)).toEqual([0.04, 0.09, 0.09, undefined, 0.5]);
});

test.each([
  [[0.01], 'higher'],
  [[0.03, 0.04], 'higher, not after Holm'],
  [[0.2], 'not told apart'],
])('p of %j answer: %s', (ps, answer) => {
  const html = answersSection({ tables: [tableOf('one', ps)], protocol });
  expect(html).toContain(`<td>${answer}</td>`);
  expect(html).toMatch(/\+0\.004 \(-?0\.001, 0\.007\) p 0\.\d{3}/);
  expect(html).toContain('row 0 against Plain &#60;b&#62;');
  expect(html).toContain('<td class="n">3</td>');
});

test('a difference that is lower says so', () => {
  const table = tableOf('one', [0.01]);
  const paired = { against: 'Plain', difference: -0.004, low: -0.007, high: -0.001, p: 0.01 };
  const cells = { Dice: { ...table.rows[1]!.cells['Dice']!, paired } };
  const turned = { ...table, rows: [table.rows[0]!, { ...table.rows[1]!, cells }] };
  expect(answersSection({ tables: [turned], protocol })).toContain('<td>lower</td>');
});

test('too few resamples for so many answers are told', () => {
  const tables = [
    tableOf(
      'one',
      Array.from({ length: 26 }, () => 0.3),
    ),
  ];
  expect(answersSection({ tables, protocol })).toContain('over all 26 answers none can be below 0.05');
  expect(answersSection({ tables, protocol: { resamples: 2000 } })).not.toContain('none can be below');
});

test('each table that asks something stands by itself', () => {
  const quiet = { ...tableOf('quiet', []), title: 'Nothing asked' };
  const html = answersSection({ tables: [tableOf('one', [0.1]), quiet, tableOf('two', [0.2])], protocol });
  expect(html.match(/<h3>Gate &#38; forcing<\/h3>/g)).toHaveLength(2);
  expect(html.match(/<table>/g)).toHaveLength(2);
  expect(html).not.toContain('Nothing asked');
});

test('no paired rows, no answers', () => {
  expect(answersSection({ tables: [], protocol })).toBe('');
});
