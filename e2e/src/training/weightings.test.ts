import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createWeighting,
  loadParameters,
  readParameters,
  TaskNumbers,
  type Engine,
  type HistoryEntry,
  type TrainStepConfig,
  type WeightingConfig,
} from '@multichexnet/core';
import { needEngine } from '@multichexnet/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { expectClose, goldenBatch, GoldenNetwork, type GoldenStart } from './golden-network.js';

interface Step {
  readonly losses: [number, number];
  readonly norms: [number, number];
  readonly cosine: number;
  readonly values: Readonly<Record<string, number[]>>;
  readonly numbers: number[];
}
/** Written by tools/golden/weightings.py with LibMTL. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/weightings.json'), 'utf8')) as {
  readonly start: GoldenStart;
  readonly pixels: readonly number[][];
  readonly targets: readonly [number[], number[]][];
  readonly rate: number;
  readonly window: number;
  readonly runs: Readonly<Record<string, readonly Step[]>>;
};
const tasks = ['a@one', 'b@one'];

let engine: Engine;
beforeEach(async (context) => {
  engine = await needEngine(context);
});

function session(config: WeightingConfig, more: Partial<TrainStepConfig> = {}) {
  const method = createWeighting(config);
  const numbers = new TaskNumbers(engine);
  const own = method?.start === undefined ? [] : tasks.map((task) => numbers.of(task));
  const { start = 0 } = method ?? {};
  loadParameters(own, Object.fromEntries(own.map(({ name }) => [name, { shape: [], data: Float32Array.of(start) }])));
  const weighting =
    method === undefined
      ? {}
      : { weighting: { method, numbers: Object.fromEntries(own.map((one, i) => [tasks[i]!, one])) } };
  const network = new GoldenNetwork(engine, {
    ...{ heads: ['a', 'b'], start: golden.start, optimizer: { kind: 'sgd' } },
    more: () => ({ ...weighting, ...more }),
  });
  onTestFinished(() => {
    network.dispose();
    numbers.dispose();
  });
  const history: HistoryEntry[] = [];
  return {
    network,
    numbers: async () => Object.values(await readParameters(own)).map(({ data }) => data[0]!),
    run: async (step: number) => {
      const [a, b] = golden.targets[step]!;
      const host = method?.host?.({ history, tasks, seed: 1, step });
      const position = { seed: 1, step, learningRate: golden.rate, ...(host === undefined ? {} : { weighting: host }) };
      const values = await network.run(goldenBatch(golden.pixels[step]!, { a, b }), position);
      history.push({ step, ...values });
      return values;
    },
  };
}

const configs: WeightingConfig[] = [
  { kind: 'uncertainty' },
  { kind: 'dwa', temperature: 2, every: golden.window },
  { kind: 'gradnorm', alpha: 1.5 },
  { kind: 'pcgrad' },
];

test.each(configs)(
  '$kind: weights, heads and the tasks’ own numbers after each step are those of LibMTL',
  async (config) => {
    const { network, run, numbers } = session(config);
    for (const [index, wanted] of golden.runs[config.kind]!.entries()) {
      const values = await run(index);
      tasks.forEach((task, i) => expectClose(values[task], wanted.losses[i]!, `${task} at step ${index}`));
      const got = await network.values();
      for (const [name, data] of Object.entries(wanted.values))
        data.forEach((value, i) => expectClose(got[name]!.data[i], value, `${name}[${i}] after step ${index}`));
      const own = await numbers();
      expect(own).toHaveLength(wanted.numbers.length);
      own.forEach((value, i) => expectClose(value, wanted.numbers[i]!, `number ${i} after step ${index}`));
    }
  },
);

test('each loss’s norm and their cosine are those of PyTorch, and logging them changes nothing', async () => {
  const [plain, logged] = [session({ kind: 'pcgrad' }), session({ kind: 'pcgrad' }, { logGradients: true })];
  const { pcgrad } = golden.runs;
  expect(pcgrad!.some(({ cosine }) => cosine < -0.1)).toBe(true);
  for (const [index, { norms, cosine }] of pcgrad!.entries()) {
    await plain.run(index);
    const values = await logged.run(index);
    tasks.forEach((task, i) => expectClose(values[`gradient/norm/${task}`], norms[i]!, `norm of ${task} at ${index}`));
    expectClose(values['gradient/cosine/a@one,b@one'], cosine, `cosine at ${index}`);
  }
  const [a, b] = [await plain.network.values(), await logged.network.values()];
  for (const [name, { data }] of Object.entries(a))
    data.forEach((value, i) => expectClose(b[name]!.data[i], value, name, 1e-6));
});

test.each(configs)('$kind leaves nothing behind', async (config) => {
  const { run } = session(config, { logGradients: true });
  const now = () => ({ ...engine.memory(), tensors: tf.memory().numTensors });
  for (let step = 0; step < 3; step++) await run(step);
  const before = now();
  for (let step = 3; step < 7; step++) await run(step);
  const { handles, ...rest } = now();
  expect(handles).toBeLessThanOrEqual(before.handles);
  expect({ ...before, ...rest }).toEqual(before);
});

test('a weighted step is the plain one where the weighting has nothing to say', async () => {
  const [plain, equal] = [session({ kind: 'static' }), session({ kind: 'dwa', temperature: 2, every: 100 })];
  for (let step = 0; step < 4; step++) {
    const [a, b] = [await plain.run(step), await equal.run(step)];
    expectClose(b['total'], a['total']!, `total at step ${step}`, 1e-6);
  }
});
