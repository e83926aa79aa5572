import { expect, test } from 'vitest';
import type { PhaseEvaluations } from '../protocol/evaluate-phase.js';
import type { ResolvedPhase } from '../protocol/resolved-phase.js';
import { PluginRegistry } from '../plugin/registry.js';
import { defineHead } from '../plugin/head-plugin.js';
import { measureGains } from './measure-gains.js';

const mean = (better: 'higher' | 'lower') => ({
  name: 'mean',
  better,
  observe: () => 0,
  prepare: (records: readonly number[]) => records,
  reduce: (records: readonly number[], multiplicity: Uint16Array) => {
    const count = multiplicity.reduce((a, b) => a + b, 0);
    return count === 0 ? undefined : records.reduce((sum, value, i) => sum + value * multiplicity[i]!, 0) / count;
  },
});
const head = (kind: string, better: 'higher' | 'lower') =>
  defineHead({
    kind,
    apiVersion: 1,
    options: { type: 'object', properties: {}, additionalProperties: false } as const,
    label: () => undefined,
    create: () => ({ metrics: [mean(better)] }) as never,
  });
const registry = new PluginRegistry({
  heads: [head('up', 'higher'), head('down', 'lower')],
  encoders: [],
  datasets: [],
});
const settings = { resamples: 100, seed: 1 };

/** 40 test images of 20 patients around a level. */
function folds(level: number) {
  const rows = Array.from({ length: 40 }, (_, i) => i);
  const part = {
    samples: rows.map((i) => ({ id: `i${i}`, dataset: 'rsna', patient: `p${i % 20}` })),
    metrics: { mean: rows.map((i) => level + 0.1 * Math.sin(7 * i + level)) },
  };
  return [{ validation: part, test: part }];
}
const meanOf = (level: number): number =>
  Array.from({ length: 40 }, (_, i) => level + 0.1 * Math.sin(7 * i + level)).reduce((a, b) => a + b) / 40;

const phase = (name: string, heads: Record<string, string>, steps = 600): ResolvedPhase =>
  ({
    name,
    heads: Object.fromEntries(Object.entries(heads).map(([key, kind]) => [key, { kind }])),
    steps,
    batchSize: 16,
  }) as never;
const both = phase('both', { one: 'up', two: 'down', gate: 'up' });
const onlyOne = phase('only-one', { one: 'up' });
const onlyTwo = phase('only-two', { two: 'down' });

/** Of two seeds. */
const results: Record<string, PhaseEvaluations[]> = {
  both: [0.6, 0.7].map((level) => ({
    'one@rsna/none': folds(level),
    'two@rsna/none': folds(level),
    'two@rsna/oracle': folds(level),
    'gate@rsna/none': folds(level),
  })),
  'only-one': [0.5, 0.5].map((level) => ({ 'one@rsna/none': folds(level) })),
  'only-two': [0.9, 1].map((level) => ({ 'two@rsna/none': folds(level) })),
  longer: [0.9, 1].map((level) => ({ 'two@rsna/none': folds(level) })),
};
const gainsOf = (phases: readonly ResolvedPhase[]) =>
  measureGains({ phases, registry, settings, evaluations: (name) => Promise.resolve(results[name] ?? []) });

test('a phase of several tasks is measured against those that train each alone with as many steps, over seeds', async () => {
  const [gain, ...more] = await gainsOf([both, onlyOne, phase('longer', { two: 'down' }, 1200), onlyTwo]);
  expect(more).toEqual([]);
  expect(gain).toMatchObject({
    phase: 'both',
    steps: 600,
    baselines: { 'one@rsna/none': 'only-one', 'two@rsna/none': 'only-two' },
    missing: [],
    images: 40,
    patients: 20,
  });
  const gainOf = (multi: number, single: number): number => (meanOf(multi) - meanOf(single)) / meanOf(single);
  const wanted = [gainOf(0.6, 0.5), -gainOf(0.6, 0.9), gainOf(0.7, 0.5), -gainOf(0.7, 1)];
  expect(gain!.value).toBeCloseTo(wanted.reduce((a, b) => a + b) / 4, 9);
  expect(gain!.low).toBeLessThan(gain!.value!);
  expect(gain!.high).toBeGreaterThan(gain!.value!);
});

test('a task without a baseline of equal budget is named, and no gain is told', async () => {
  const [gain] = await gainsOf([both, onlyOne, phase('longer', { two: 'down' }, 1200)]);
  expect(gain).toMatchObject({ missing: ['two@rsna/none'], images: 0 });
  expect(gain).not.toHaveProperty('value');
});

test('a baseline of fewer seeds or of other images is none', async () => {
  const others: typeof results = { ...results, 'only-one': results['only-one']!.slice(1) };
  const phases = [both, onlyOne, onlyTwo];
  const fewer = await measureGains({
    phases,
    registry,
    settings,
    evaluations: (name) => Promise.resolve(others[name] ?? []),
  });
  expect(fewer[0]?.missing).toEqual(['one@rsna/none']);
});

test('no single-task phase, no line', async () => {
  expect(await gainsOf([both, phase('longer', { two: 'down' }, 1200)])).toEqual([]);
});
