import { PluginRegistry, RunStore, type ResolvedPhase } from '@multichexnet/core';
import { cls } from '@multichexnet/head-cls';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findGains } from './find-gains.js';
import { measurePhase } from './measure-phase.js';

const registry = new PluginRegistry({ heads: [cls], encoders: [], datasets: [] });
const logger = { progress: () => undefined } as never;
const protocol = { resamples: 100, seed: 1 };
const choice = { kind: 'cls', classes: ['Effusion'] };
let folder: string;
let stores: RunStore[];

/** 40 test images of 20 patients; the larger the noise, the poorer the ranking. */
function folds(noise: number): object[] {
  const rows = Array.from({ length: 40 }, (_, i) => i);
  const part = {
    samples: rows.map((i) => ({ id: `i${i}`, dataset: 'rsna', patient: `p${i % 20}` })),
    metrics: {
      findings: rows.map((i) => ({ scores: [0.5 + 0.2 * ((i % 2) - 0.5) + noise * Math.sin(7 * i)], labels: [i % 2] })),
    },
  };
  return [{ validation: part, test: part }];
}

const phase = (name: string, heads: readonly string[], steps = 600): ResolvedPhase =>
  ({ name, heads: Object.fromEntries(heads.map((head) => [head, choice])), steps, batchSize: 16 }) as never;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcx-gains-'));
  stores = [1, 2].map((seed) => new RunStore(join(folder, `seed-${seed}`)));
  for (const [i, store] of stores.entries()) {
    const write = (name: string, evaluations: object): Promise<void> =>
      store.writeJson(evaluations, 'phases', name, 'evaluation.json');
    const better = folds(0.1 + 0.05 * i);
    await write('both', { 'one@rsna/none': better, 'two@rsna/none': better, 'two@rsna/oracle': better });
    await write('only-one', { 'one@rsna/none': folds(0.3) });
    await write('only-two', { 'two@rsna/none': folds(0.4) });
    await write('longer', { 'two@rsna/none': folds(0.4) });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function gainsOf(phases: readonly ResolvedPhase[]) {
  const measured = new Map(phases.map(({ name }) => [name, stores]));
  return findGains({ phases, measured, registry, protocol });
}

const both = phase('both', ['one', 'two', 'gate']);

test('a phase of several tasks is measured against those that train each alone, over seeds', async () => {
  const phases = [both, phase('only-one', ['one']), phase('longer', ['two'], 1200), phase('only-two', ['two'])];
  const [gain, ...more] = await gainsOf(phases);
  expect(more).toEqual([]);
  expect(gain).toMatchObject({
    phase: 'both',
    steps: 600,
    baselines: { 'one@rsna/none': 'only-one', 'two@rsna/none': 'only-two' },
    missing: [],
    images: 40,
    patients: 20,
  });
  const auroc = async (store: RunStore, name: string, head: string): Promise<number> => {
    const request = { stores: [store], phase: phase(name, [head]), registry, protocol, logger, only: ['auroc'] };
    const metrics = await measurePhase(request);
    return metrics.find((metric) => metric.head === head && metric.gate === 'none')!.value!;
  };
  let wanted = 0;
  for (const store of stores)
    for (const [head, baseline] of [
      ['one', 'only-one'],
      ['two', 'only-two'],
    ] as const) {
      const [multi, single] = [await auroc(store, 'both', head), await auroc(store, baseline, head)];
      wanted += (multi - single) / single / 4;
    }
  expect(gain!.value).toBeCloseTo(wanted, 9);
  expect(gain!.value).toBeGreaterThan(0);
  expect(gain!.low).toBeLessThan(wanted);
  expect(gain!.high).toBeGreaterThan(wanted);
});

test('a task without a baseline of equal budget is named, and no gain is told', async () => {
  const [gain] = await gainsOf([both, phase('only-one', ['one']), phase('longer', ['two'], 1200)]);
  expect(gain).toMatchObject({ missing: ['two@rsna/none'], images: 0 });
  expect(gain).not.toHaveProperty('value');
});

test('no single-task phase, no line', async () => {
  expect(await gainsOf([both, phase('longer', ['two'], 1200)])).toEqual([]);
});
