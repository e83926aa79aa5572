import { expect, test } from 'vitest';
import { formatGain, formatGainsMarkdown, formatTask } from './format-gains.js';

test.each([
  [{ value: 0.0213, low: -0.004, high: 0.048 }, '+2.1 % (-0.4, 4.8)'],
  [{ value: -0.5 }, '-50.0 %'],
  [{}, '-'],
])('%j reads %s', (gain, text) => expect(formatGain(gain)).toBe(text));

test('a task is a head on a dataset, behind a gate where there is one', () => {
  expect([formatTask('cls@rsna/none'), formatTask('det@rsna/trained')]).toEqual([
    'cls on rsna',
    'det on rsna, trained gate',
  ]);
});

test('a line for every phase, with its baselines or with what it lacks', () => {
  const baselines = { 'cls@rsna/none': 'only-cls', 'seg@siim/trained': 'only-seg' };
  const counts = { images: 20, patients: 10 };
  const text = formatGainsMarkdown(
    [
      { phase: 'both', steps: 600, baselines, missing: [], value: 0.02, low: 0.01, high: 0.03, ...counts },
      { phase: 'other', steps: 200, baselines: {}, missing: ['det@siim/none'], images: 0, patients: 0 },
    ],
    3,
  );
  expect(text).toContain(
    '| both | 600 | cls on rsna: only-cls<br>seg on siim, trained gate: only-seg | +2.0 % (1.0, 3.0) |',
  );
  expect(text).toContain('| other | 200 |  | none: no baseline of det on siim |');
  expect(text).toContain('means of 3 seeds');
  expect(text).toContain('not medical advice');
});
