import type { Table } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { formatTables } from './format-tables.js';
import { createStyle } from './style.js';

const table: Table = {
  name: 'table1',
  title: 'Multi-task learning against separate models',
  columns: ['dice', 'mAP'],
  rows: [
    {
      label: 'Baseline detection',
      phase: 'det',
      datasets: ['rsna'],
      cells: {
        mAP: {
          metric: 'mAP',
          datasets: ['rsna'],
          value: 0.412,
          low: 0.36,
          high: 0.46,
          images: 9,
          patients: 5,
          paper: '0.16 (0.15, 0.17)',
        },
      },
    },
    {
      label: 'MultiCheXNet',
      phase: 'mtl',
      datasets: ['rsna', 'siim'],
      remark: 'a remark that is so long that it has to go on in another line, below what it is a remark on',
      cells: {
        dice: { metric: 'dice', datasets: ['siim'], images: 0, patients: 0 },
        mAP: {
          metric: 'mAP',
          datasets: ['rsna'],
          value: 0.47,
          low: 0.42,
          high: 0.52,
          images: 9,
          patients: 5,
          paired: { against: 'Baseline detection', difference: 0.06, low: 0.01, high: 0.11, p: 0.0004 },
        },
      },
    },
  ],
};

test('one line a metric within 80 columns, remarks wrapped, notes last', () => {
  const lines = formatTables([table], { style: createStyle({ columns: 80 }, {}), note: 'These are phantoms.' })
    .join('\n')
    .split('\n');
  expect(lines.slice(0, 10)).toEqual([
    'Table 1  Multi-task learning against separate models',
    '          measured           difference                  paper',
    '  Baseline detection, rsna, 9 images of 5 patients',
    '    mAP   0.41 (0.36, 0.46)                              0.16 (0.15, 0.17)',
    '  MultiCheXNet, rsna + siim, 9 images of 5 patients; difference to Baseline',
    '  detection',
    '    dice  -',
    '    mAP   0.47 (0.42, 0.52)  +0.06 (0.01, 0.11) p<0.001',
    '      a remark that is so long that it has to go on in another line, below what',
    '      it is a remark on',
  ]);
  expect(lines.slice(-2)).toEqual(['These are phantoms.', 'Research results, not medical advice.']);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('40 columns are enough', () => {
  const lines = formatTables([table], { style: createStyle({ columns: 40 }, {}) })
    .join('\n')
    .split('\n');
  expect(lines.filter((line) => line.length > 40)).toEqual([]);
  expect(lines).toContain('    against: +0.06 (0.01, 0.11) p<0.001');
});

test('the multi-task gain stands below the tables, where there is one', () => {
  const counts = { steps: 600, baselines: {}, images: 9, patients: 5 };
  const gains = [
    { phase: 'multichexnet', missing: [], value: -0.0153, low: -0.027, high: -0.003, ...counts },
    { phase: 'gate-off', missing: ['det@rsna/none'], ...counts },
  ];
  for (const width of [80, 40]) {
    const lines = formatTables([table], { style: createStyle({ columns: width }, {}), gains })
      .join('\n')
      .split('\n');
    expect(lines).toContain('    multichexnet  -1.5 % (-2.7, -0.3)');
    expect(lines.some((line) => line.startsWith('Multi-task gain (Delta m)'))).toBe(true);
    expect(lines.filter((line) => line.length > width || line.includes('gate-off'))).toEqual([]);
  }
});
