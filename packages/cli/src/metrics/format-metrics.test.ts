import { expect, test } from 'vitest';
import type { Comparison } from './compare-phases.js';
import { formatComparisons, formatGroups, formatMetrics } from './format-metrics.js';
import type { MeasuredGroup, MeasuredMetric } from './measure-phase.js';

const place = { phase: 'multichexnet', head: 'det', dataset: 'rsna', gate: 'trained' };
const cell = { value: 0.95, low: 0.9, high: 0.98, better: 'higher', images: 25_000, patients: 900 } as const;
const metric = (name: string, more: object = {}): MeasuredMetric => ({ ...place, ...cell, metric: name, ...more });
const widest = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length));

test('a head and its dataset stand above their metrics, once', () => {
  const lines = formatMetrics([metric('mAP'), metric('froc'), metric('dice', { head: 'seg', gate: 'none' })]);
  expect(lines.map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
    ...['multichexnet', 'test part (95 % CI)', 'det on rsna, trained gate', 'mAP', 'froc', 'seg on rsna', 'dice'],
  ]);
  expect(lines[3]).toMatch(/^ {4}mAP +0\.95 \(0\.90, 0\.98\) +25,?000 images$/);
});

test('a name that is too long for 80 columns takes a line of its own', () => {
  const name = 'sensitivity@a-very-long-rule-for-choosing-a-threshold';
  const groups: MeasuredGroup[] = ['40-59', '60-79'].map((group) => ({ ...metric(name), by: 'age', group }));
  const lines = formatGroups(groups, []);
  expect(widest(lines)).toBeLessThanOrEqual(80);
  expect(lines.filter((line) => line === `    ${name}`)).toHaveLength(1); // above both of its groups
  expect(lines.at(-1)).toMatch(/^ +60-79 +0\.95/);
});

test('a group with a long name fits too, whatever the width', () => {
  const source =
    'Radiopaedia.org, rID 27249: a case of a hospital with a name that is longer than any terminal is wide';
  const groups: MeasuredGroup[] = [source, undefined].flatMap((group) =>
    ['auroc', 'auroc@10positives'].map((name) => ({
      ...metric(name),
      by: 'source',
      ...(group === undefined ? {} : { group }),
    })),
  );
  for (const width of [60, 80]) {
    const lines = formatGroups(groups, [], width).join('\n').split('\n');
    expect(widest(lines)).toBeLessThanOrEqual(width);
    expect(lines.join(' ').replaceAll(/ +/g, ' ')).toContain(source);
    expect(lines.filter((line) => line.includes('0.95 (0.90, 0.98)'))).toHaveLength(4);
    expect(lines.filter((line) => line.trim() === 'unknown')).toHaveLength(2);
  }
});

test('a class with a long name takes a line of its own where not one measure fits beside it', () => {
  const name = 'Pleural thickening of a cause that nobody could ever tell, on either side of the chest, seen once';
  const lines = formatMetrics([metric(`auroc/${name}`, { class: name })])
    .join('\n')
    .split('\n');
  expect(widest(lines)).toBeLessThanOrEqual(80);
  expect(lines.at(-1)).toMatch(/^ +0\.95/);
});

test('a default threshold has a star, and a line that says what it means', () => {
  const untuned = { untuned: ['Hernia'] };
  const lines = formatMetrics([
    metric('f1', untuned),
    metric('auroc'),
    metric('f1/Hernia', { class: 'Hernia', ...untuned }),
    metric('f1/Mass', { class: 'Mass' }),
  ]);
  const row = (name: string): string | undefined => lines.find((line) => line.startsWith(`    ${name} `));
  expect(row('f1')).toContain('0.95 (0.90, 0.98)*');
  expect(row('auroc')).not.toContain('*');
  expect(row('Hernia')).toContain('*');
  expect(row('Mass')).not.toContain('*');
  expect(lines.slice(-1).join(' ').replaceAll(/\s+/g, ' ').trim()).toBe(
    '* det on rsna, trained gate: the threshold of Hernia is the default, not tuned: validation has no image to choose it by.',
  );
  const none = formatMetrics([metric('f1', { ...untuned, value: undefined })]);
  expect(none.join('')).not.toContain('*');
});

test('as many measures of classes as fit 80 columns', () => {
  const classes = ['Pneumonia', 'Pleural thickening of unknown cause, on either side'];
  const metrics = classes.flatMap((name) =>
    ['auroc', 'ap', 'f1', 'ece'].map((measure) => metric(`${measure}/${name}`, { class: name })),
  );
  const lines = formatMetrics(metrics);
  expect(widest(lines)).toBeLessThanOrEqual(80);
  expect(
    lines
      .find((line) => line.startsWith('    class'))
      ?.trim()
      .split(/ +/),
  ).toEqual(['class', 'auroc']);
});

test('differences with two p-values fit 80 columns', () => {
  const comparison: Comparison = {
    ...place,
    ...{ metric: 'sensitivity@sensitivity90', better: 'higher', against: 'another-phase' },
    ...{ difference: -0.123, low: -0.234, high: -0.012, p: 0.0301, adjusted: 0.0602, testP: 0.0405 },
  };
  const lines = formatComparisons([comparison, { ...comparison, metric: 'auroc' }]);
  expect(lines[0]).toBe('multichexnet: difference to another-phase');
  expect(widest(lines)).toBeLessThanOrEqual(80);
  expect(lines.at(-1)).toMatch(/-0\.12 \(-0\.23, -0\.01\) p 0\.030 +p 0\.060 +p 0\.04/);
});
