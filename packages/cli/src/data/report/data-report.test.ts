import type { Sample } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { describeRoot } from '../describe-root.js';
import { findLeaks } from '../find-leaks.js';
import { drawBars } from './bar-plot.js';
import { renderDataReport } from './data-report.js';

const samples = Array.from({ length: 30 }, (_, i): Sample => ({
  dataset: 'toy',
  id: `film-${i}`,
  image: `/films/${i}.png`,
  patient: { key: `p${i % 20}`, sex: i % 2 === 0 ? 'F' : 'M', ageYears: i * 3 },
  officialSplit: i < 5 ? 'test' : 'train',
  labels: { findings: { Mass: i % 3 === 0, '<b>Odd</b>': i % 7 === 0 } },
}));
const index = {
  kind: 'toy',
  root: '/data/<toy>',
  samples,
  vocabulary: ['Mass', '<b>Odd</b>'],
  counts: { images: 31, patients: 20, labels: { Mass: 10, 'a & b': 2 }, boxes: 0, masks: 0 },
  skipped: { ct: 4 },
  problems: [{ code: 'CSV_ROW', file: 'labels.csv', line: 7, message: 'age "<x>" is not an age' }],
};
const sheet = { png: Buffer.from('PNG'), width: 10, height: 10, cells: [] };

test('one page that loads nothing, with the plots, tables, problems and leaks; text is text', async () => {
  const leaks = findLeaks([index], 'official', 1);
  expect(leaks.leaks.length).toBe(5);
  const group = {
    images: [
      { dataset: 'toy', id: 'film-1', file: '/films/1.png', patient: 'p1', part: 'train' as const },
      { dataset: 'toy', id: 'film-2', file: '/films/2.png', patient: 'p2', part: 'test' as const },
    ],
    distance: 3,
    samePatient: false,
    acrossParts: true,
  };
  const html = await renderDataReport({
    datasets: [{ stats: describeRoot(index), sheet, notes: ['No <i>diagnosis</i>.'] }],
    duplicates: [group],
    leaks,
    made: 'test',
  });
  expect(html).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org)|<b>Odd|<x>|<i>/);
  expect(html.match(/<svg role="img" aria-label="toy: /g)?.length).toBe(5);
  for (const text of ['&#60;b&#62;Odd', 'labels.csv:7', 'film-1, toy film-2', '5 in training and held out', 'p3'])
    expect(html).toContain(text);
  expect(html.match(/<section/g)?.length).toBe(html.match(/<\/section>/g)?.length);
});

test('bars stand in the order of the rows, stacked in the order of the parts', async () => {
  const svg = await drawBars({
    title: 'a "b"',
    rows: [
      { name: 'zeta', count: 3, part: 'train' },
      { name: 'zeta', count: 1, part: 'test' },
      { name: 'alpha', count: 2, part: 'train' },
    ],
    parts: ['train', 'test'],
  });
  expect(svg).toContain('aria-label="a &#34;b&#34;"');
  expect(svg.indexOf('zeta')).toBeLessThan(svg.indexOf('alpha'));
  expect(svg.indexOf('>train<')).toBeLessThan(svg.indexOf('>test<'));
});
