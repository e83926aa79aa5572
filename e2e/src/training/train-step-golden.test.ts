import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GradientSum,
  StatisticsBefore,
  WeightAverage,
  type Batch,
  type Engine,
  type OptimizerConfig,
} from '@multichexnet/core';
import { needEngine } from '@multichexnet/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { expectClose, goldenBatch, GoldenNetwork, type GoldenStart } from './golden-network.js';

interface Step {
  readonly loss: number;
  readonly norm: number;
  readonly values: Readonly<Record<string, number[]>>;
  readonly average: Readonly<Record<string, number[]>>;
}
/** Written by tools/golden/training_step.py with PyTorch. */
interface Golden {
  readonly start: GoldenStart;
  readonly pixels: readonly number[][];
  readonly targets: readonly number[][];
  readonly rates: readonly number[];
  readonly runs: Readonly<Record<'clip' | 'ema' | 'all', readonly Step[]>>;
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/training-step.json'), 'utf8')) as Golden;

let engine: Engine;
beforeEach(async (context) => {
  engine = await needEngine(context);
});

const batch = (step: number): Batch => goldenBatch(golden.pixels[step]!, { value: golden.targets[step]! });

interface Settings {
  readonly clipNorm?: number;
  readonly ema?: number;
  readonly accumulate?: number;
  readonly guarded?: boolean;
}

/** The golden network, its average, and one step after the other. */
function session(optimizer: OptimizerConfig, { clipNorm = 0, ema, accumulate, guarded = false }: Settings) {
  const [weights, sum, kept] = [new WeightAverage(engine), new GradientSum(engine), new StatisticsBefore(engine)];
  const network = new GoldenNetwork(engine, {
    heads: ['value'],
    start: golden.start,
    optimizer,
    more: (parameters, start) => {
      weights.prepare(parameters);
      weights.load(parameters, start);
      return {
        clipNorm,
        ...(guarded ? { guarded: { before: kept } } : {}),
        ...(ema === undefined ? {} : { average: { weights, decay: ema } }),
        ...(accumulate === undefined ? {} : { accumulate: { sum, count: accumulate } }),
      };
    },
  });
  onTestFinished(() => {
    weights.dispose();
    sum.dispose();
    kept.dispose();
    network.dispose();
  });
  return {
    run: (index: number, more: object = {}, own = batch(index)) =>
      network.run(own, { seed: 1, step: index, learningRate: golden.rates[index]!, ...more }),
    values: () => network.values(),
    average: () => weights.read(network.parameters),
    /** Zeros from before the first update, which are there once a step is traced, are left out. */
    moments: async () =>
      Object.fromEntries(Object.entries(await network.optimizer.state()).filter(([, { data }]) => data.some(Boolean))),
  };
}

async function expectGolden(
  { run, values, average }: ReturnType<typeof session>,
  steps: readonly Step[],
  has: { norm: boolean; average: boolean },
): Promise<void> {
  for (const [index, wanted] of steps.entries()) {
    const { total, 'gradient/norm': norm } = await run(index);
    expectClose(total, wanted.loss, `loss of step ${index}`);
    if (has.norm) expectClose(norm, wanted.norm, `norm of step ${index}`);
    else expect(norm).toBeUndefined();
    for (const [got, expected] of [
      [await values(), wanted.values],
      ...(has.average ? [[await average(), wanted.average] as const] : []),
    ] as const)
      for (const [name, data] of Object.entries(expected))
        data.forEach((value, i) => expectClose(got[name]!.data[i], value, `${name}[${i}] after step ${index}`));
  }
}

test('the norm of all gradients together is clipped as PyTorch clips it, before momentum and weight decay', async () => {
  const { clip } = golden.runs;
  expect(clip.some(({ norm }) => norm < 1.5)).toBe(true);
  expect(clip.some(({ norm }) => norm > 1.8)).toBe(true);
  const config: OptimizerConfig = { kind: 'sgd', momentum: 0.9, weightDecay: 0.01 };
  await expectGolden(session(config, { clipNorm: 1.5 }), clip, { norm: true, average: false });
});

test('moving averages of the weights are those of PyTorch’s AveragedModel, beside AdamW', async () => {
  const config: OptimizerConfig = { kind: 'adamw', weightDecay: 0.05 };
  await expectGolden(session(config, { ema: 0.9 }), golden.runs.ema, { norm: false, average: true });
});

test.each([1, 2, 4])('%d micro-batches make the step of the whole batch, clipped and averaged', async (accumulate) => {
  const settings = { clipNorm: 1.5, ema: 0.5, ...(accumulate === 1 ? {} : { accumulate }) };
  await expectGolden(session({ kind: 'adam' }, settings), golden.runs.all, { norm: true, average: true });
});

test.each([1, 2])('a guarded step that is bad moves nothing to the byte (%d micro-batches)', async (accumulate) => {
  const settings = { clipNorm: 1.5, ema: 0.5, guarded: true, ...(accumulate === 1 ? {} : { accumulate }) };
  const { run, values, average, moments } = session({ kind: 'adam' }, settings);
  const { all } = golden.runs;
  const state = async () => [await values(), await average(), await moments()];
  for (const [index, wanted] of all.entries()) {
    const before = await state();
    const broken = batch(index);
    broken.heads['value']!.targets[0]!.data[7] = NaN;
    expect(await run(index, {}, broken)).toMatchObject({ total: NaN, 'guard/skipped': 1 });
    expect(await run(index, { normLimit: wanted.norm * 0.9 })).toMatchObject({ 'guard/skipped': 1 });
    expect(await state()).toEqual(before);
    expect(await run(index, { normLimit: wanted.norm * 1.1 })).toMatchObject({ 'guard/skipped': 0 });
  }
  const end = await values();
  for (const [name, data] of Object.entries(all.at(-1)!.values))
    data.forEach((value, i) => expectClose(end[name]!.data[i], value, `${name}[${i}]`));
});

test('with all words together a step leaves nothing behind', async () => {
  const { run } = session({ kind: 'adamw' }, { clipNorm: 1, ema: 0.9, accumulate: 2, guarded: true });
  const now = () => ({ ...engine.memory(), tensors: tf.memory().numTensors });
  for (let step = 0; step < 3; step++) await run(step);
  const before = now();
  for (let step = 3; step < 10; step++) await run(step);
  const { handles, ...rest } = now();
  expect(handles).toBeLessThanOrEqual(before.handles);
  expect({ ...before, ...rest }).toEqual(before);
});

test('a batch that has no equal parts is refused', async () => {
  const { run } = session({ kind: 'adam' }, { accumulate: 3 });
  await expect(run(0)).rejects.toThrow('a batch of 8 images has no 3 equal parts');
});
