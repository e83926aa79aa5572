import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  conv2d,
  createTrainStep,
  defineEncoder,
  defineHead,
  dense,
  globalAveragePool,
  GradientSum,
  loadParameters,
  maskedMean,
  ModelPool,
  PluginRegistry,
  readParameters,
  WeightAverage,
  type Batch,
  type Engine,
  type OptimizerConfig,
  type TrainStepConfig,
} from '@multichexnet/core';
import { needEngine } from '@multichexnet/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeEach, expect, onTestFinished, test } from 'vitest';

interface Step {
  readonly loss: number;
  readonly norm: number;
  readonly values: Readonly<Record<string, number[]>>;
  readonly average: Readonly<Record<string, number[]>>;
}
/** Written by tools/golden/training_step.py with PyTorch. */
interface Golden {
  readonly start: Readonly<Record<string, { shape: number[]; data: number[] }>>;
  readonly pixels: readonly number[][];
  readonly targets: readonly number[][];
  readonly rates: readonly number[];
  readonly runs: Readonly<Record<'clip' | 'ema' | 'all', readonly Step[]>>;
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/training-step.json'), 'utf8')) as Golden;

const options = { type: 'object', properties: {}, additionalProperties: false } as const;
const registry = new PluginRegistry({
  encoders: [
    defineEncoder({
      kind: 'conv',
      apiVersion: 1,
      options,
      create: () => ({
        inputSize: 4,
        inputChannels: 1,
        build: (image) => {
          const deepest = conv2d({ filters: 3, kernelSize: 2, strides: 2, activation: 'relu', name: 'conv' })(image);
          return { levels: [{ name: 'conv', stride: 2, tensor: deepest }], deepest, input: image };
        },
      }),
    }),
  ],
  heads: [
    defineHead({
      kind: 'value',
      apiVersion: 1,
      options,
      label: () => 0,
      create: () => ({
        build: ({ deepest }) => [dense(1, 'linear', 'out')(globalAveragePool(deepest))],
        encode: (value: number) => [Float32Array.of(value)],
        loss: ([output], [target], known) => maskedMean(tf.squaredDifference(output, target), known),
        decode: () => 0,
        metrics: [],
      }),
    }),
  ],
  datasets: [],
});

let engine: Engine;
beforeEach(async (context) => {
  engine = await needEngine(context);
});

function batch(step: number): Batch {
  return {
    size: 8,
    images: Float32Array.from(golden.pixels[step]!, (value) => value / 255),
    imageShape: [8, 4, 4, 1],
    heads: {
      value: {
        targets: [{ shape: [8, 1], data: Float32Array.from(golden.targets[step]!) }],
        known: { shape: [8, 1], data: new Float32Array(8).fill(1) },
      },
    },
  };
}

/** The golden network, its average, and one step after the other. */
function session(
  optimizerConfig: OptimizerConfig,
  settings: { clipNorm?: number; ema?: number; accumulate?: number; guarded?: boolean },
) {
  const pool = new ModelPool(engine, registry, { kind: 'conv' }, 1);
  const heads = { value: pool.head('value', { kind: 'value' }) };
  const parameters = [pool.encoder, heads.value].flatMap((module) => module.parameters);
  const start = Object.fromEntries(
    Object.entries(golden.start).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );
  expect(loadParameters(parameters, start)).toEqual([]);
  const optimizer = engine.createOptimizer(optimizerConfig);
  const [weights, sum] = [new WeightAverage(engine), new GradientSum(engine)];
  weights.prepare(parameters);
  weights.load(parameters, start);
  const config: TrainStepConfig = {
    engine,
    encoder: pool.encoder,
    heads,
    optimizer,
    turn: { parts: [{ dataset: 'one', heads: ['value'] }], train: ['encoder', 'value'] },
    weights: {},
    frozen: () => false,
    batchNorm: 'separate',
    clipNorm: settings.clipNorm ?? 0,
    guarded: settings.guarded ?? false,
    ...(settings.ema === undefined ? {} : { average: { weights, decay: settings.ema } }),
    ...(settings.accumulate === undefined ? {} : { accumulate: { sum, count: settings.accumulate } }),
  };
  const step = createTrainStep(config);
  onTestFinished(() => {
    step.dispose();
    optimizer.dispose();
    weights.dispose();
    sum.dispose();
    pool.dispose();
  });
  return {
    run: (index: number, more: object = {}, own = batch(index)) =>
      step.run([own], { seed: 1, step: index, learningRate: golden.rates[index]!, ...more }),
    /** Zeros from before the first update, which are there once a step is traced, are left out. */
    moments: async () =>
      Object.fromEntries(Object.entries(await optimizer.state()).filter(([, { data }]) => data.some(Boolean))),
    values: () => readParameters(parameters),
    average: () => weights.read(parameters),
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

/** Adam divides by the root of the second moment, which makes rounding visible where a gradient nearly vanishes. */
function expectClose(got: number | undefined, wanted: number, what: string): void {
  expect(Math.abs((got ?? NaN) - wanted), what).toBeLessThan(1e-5 * (1 + Math.abs(wanted)));
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

test('a batch that has no equal parts is refused', async () => {
  const { run } = session({ kind: 'adam' }, { accumulate: 3 });
  await expect(run(0)).rejects.toThrow('a batch of 8 images has no 3 equal parts');
});
