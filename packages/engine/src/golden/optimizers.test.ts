import type { Engine, Optimizer, OptimizerConfig, SlotValue } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine } from '../index.js';

type Values = Record<'a' | 'b', number[]>;

interface Golden {
  readonly start: Record<'a' | 'b', { shape: number[]; data: number[] }>;
  readonly rates: number[];
  readonly gradients: Values[];
  readonly runs: Record<string, Values[]>;
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'optimizers.json'), 'utf8')) as Golden;

const configs: Record<string, OptimizerConfig> = {
  sgd: { kind: 'sgd' },
  momentum: { kind: 'sgd', momentum: 0.9, weightDecay: 0.01 },
  adam: { kind: 'adam' },
  'adam-options': { kind: 'adam', beta1: 0.8, beta2: 0.95, epsilon: 1e-3 },
  adamw: { kind: 'adamw', weightDecay: 0.05 },
};

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

/** Two parameters and the steps of the golden file: `b` moves on even steps alone. */
function session(config: OptimizerConfig) {
  const parameters = Object.fromEntries(
    Object.entries(golden.start).map(([name, { data, shape }]) => [
      name,
      tf.variable(tf.tensor(data, shape, 'float32')),
    ]),
  ) as Record<'a' | 'b', tf.Variable>;
  engine.adopt(parameters);
  const optimizer = engine.createOptimizer(config);
  const both = engine.compile(
    'both',
    ([a, b, lr]) => (optimizer.apply(parameters, { a: a!, b: b! }, lr as tf.Scalar), []),
  );
  const one = engine.compile(
    'one',
    ([a, lr]) => (optimizer.apply({ a: parameters.a }, { a: a! }, lr as tf.Scalar), []),
  );
  return {
    parameters,
    optimizer,
    step: async (index: number) => {
      const { a, b } = golden.gradients[index]!;
      const gradientA = tf.tensor(a, golden.start.a.shape);
      const lr = tf.scalar(golden.rates[index]!);
      if (index % 2 === 0) await both.run([gradientA, tf.tensor(b, golden.start.b.shape), lr]);
      else await one.run([gradientA, lr]);
    },
    end: () => {
      optimizer.dispose();
      both.dispose();
      one.dispose();
      engine.release(Object.values(parameters));
    },
  };
}

describe.each(Object.entries(configs))('%s', (name, config) => {
  test('each step is the one of PyTorch, with a step count for each parameter', async () => {
    const { parameters, optimizer, step, end } = session(config);
    for (const [index, wanted] of golden.runs[name]!.entries()) {
      await step(index);
      for (const key of ['a', 'b'] as const) {
        const got = await parameters[key].data();
        for (const [at, value] of wanted[key].entries())
          expect(Math.abs(got[at]! - value), `${key}[${at}] after step ${index}`).toBeLessThan(5e-6);
      }
    }
    const state = await optimizer.state();
    expect(state['a/steps']!.data).toEqual(Float32Array.of(6));
    expect(state['b/steps']!.data).toEqual(Float32Array.of(3));
    end();
  });

  test('state and restore continue bit for bit', async () => {
    const whole = session(config);
    for (let index = 0; index < 6; index++) await whole.step(index);
    const wanted = await bytesOf(whole.parameters);
    whole.end();

    const first = session(config);
    for (let index = 0; index < 3; index++) await first.step(index);
    const state = await first.optimizer.state();
    const values = await Promise.all(Object.values(first.parameters).map((parameter) => parameter.data()));
    first.end();

    const second = session(config);
    second.optimizer.restore(state);
    Object.values(second.parameters).forEach((parameter, index) =>
      parameter.assign(tf.tensor(values[index]!, parameter.shape)),
    );
    for (let index = 3; index < 6; index++) await second.step(index);
    expect(await bytesOf(second.parameters)).toEqual(wanted);
    second.end();
  });
});

test.each(Object.entries(configs))('%s: an update under a condition is the same one, or none to the byte', async (_, config) => {
  const start = tf.tensor1d([1, -2, 3]);
  const [always, sometimes] = [tf.variable(start), tf.variable(start)];
  engine.adopt({ always, sometimes });
  const optimizer = engine.createOptimizer(config);
  const lr = tf.scalar(0.1);
  const plain = engine.compile('plain', ([g]) => (optimizer.apply({ always }, { always: g! }, lr), []));
  const guarded = engine.compile(
    'guarded',
    ([g]) => (optimizer.apply({ sometimes }, { sometimes: g! }, lr, tf.isFinite(tf.sum(g!))), []),
  );
  const slotsOf = async (name: string) =>
    Object.fromEntries(
      Object.entries(await optimizer.state()).flatMap(([key, { data }]) =>
        key.startsWith(`${name}/`) ? [[key.slice(name.length), [...data]] as const] : [],
      ),
    );
  for (const [index, values] of [[0.5, 1, -1], [2, 0, 1], [NaN, 1, 1], [Infinity, 1, 1], [1, 1, 1]].entries()) {
    const gradient = tf.tensor1d(values);
    const before = [await sometimes.data(), await slotsOf('sometimes')];
    await guarded.run([gradient]);
    if (values.every(Number.isFinite)) await plain.run([gradient]);
    else expect([await sometimes.data(), await slotsOf('sometimes')], `step ${index}`).toEqual(before);
    expect(await sometimes.data()).toEqual(await always.data());
    expect(await slotsOf('sometimes')).toEqual(await slotsOf('always'));
  }
  expect((await optimizer.state())['sometimes/steps']!.data[0]).toBe(3);
  optimizer.dispose();
  plain.dispose();
  guarded.dispose();
  engine.release([always, sometimes]);
});

describe('a state that does not fit is refused and changes nothing', () => {
  const slot = (shape: number[], value = 1): SlotValue => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
  });
  const whole = { 'a/m': slot([2, 3]), 'a/v': slot([2, 3]), 'a/steps': slot([], 4) };

  const cases: Record<string, Record<string, SlotValue>> = {
    'an unknown slot': { ...whole, 'a/momentum': slot([2, 3]) },
    'an unknown parameter': { ...whole, 'nobody/m': slot([1]), 'nobody/v': slot([1]), 'nobody/steps': slot([]) },
    'a wrong shape': { ...whole, 'a/m': slot([3, 2]) },
    'too few values': { ...whole, 'a/m': { shape: [2, 3], data: new Float32Array(5) } },
    'a missing slot': { 'a/m': slot([2, 3]), 'a/steps': slot([]) },
    'a count that is none': { ...whole, 'a/steps': slot([], 1.5) },
    'a name without a slot': { ...whole, steps: slot([]) },
  };
  test.each(Object.entries(cases))('%s', async (_name, state) => {
    const { optimizer, end } = session({ kind: 'adam' });
    optimizer.restore(whole);
    const before = await optimizer.state();
    expect(() => optimizer.restore(state)).toThrow(expect.objectContaining({ code: 'OPTIMIZER_STATE' }));
    expect(await optimizer.state()).toEqual(before);
    end();
  });

  test('a whole state replaces the old one: what it lacks starts again', async () => {
    const { optimizer, step, end } = session({ kind: 'adam' });
    await step(0);
    optimizer.restore(whole);
    const state = await optimizer.state();
    expect(state['a/steps']!.data[0]).toBe(4);
    expect(state['b/steps']!.data[0]).toBe(0);
    expect(state['b/m']!.data).toEqual(new Float32Array(4));
    end();
  });
});

test('gradients and settings that cannot be meant are refused', async () => {
  for (const config of [
    { kind: 'adam', beta1: 1 },
    { kind: 'sgd', momentum: -1 },
    { kind: 'adamw', weightDecay: NaN },
    { kind: 'lion' },
  ] as OptimizerConfig[]) {
    expect(() => engine.createOptimizer(config)).toThrow(expect.objectContaining({ code: 'OPTIMIZER_CONFIG' }));
  }
  const v = tf.variable(tf.tensor1d([1, 2]));
  const stranger = tf.variable(tf.tensor1d([1, 2]));
  engine.adopt({ v });
  const optimizer: Optimizer = engine.createOptimizer({ kind: 'adam' });
  const lr = tf.scalar(0.1);
  expect(() => optimizer.apply({ v }, { v: tf.ones([2]) }, lr)).toThrow(
    expect.objectContaining({ code: 'OPTIMIZER_OUTSIDE_STEP' }),
  );
  const fails = async (code: string, apply: (x: tf.Tensor) => void) => {
    const step = engine.compile('refused', ([x]) => (apply(x!), []));
    await expect(step.run([tf.ones([2])])).rejects.toMatchObject({ code });
  };
  await fails('OPTIMIZER_GRADIENT', () => optimizer.apply({ v }, {}, lr));
  await fails('OPTIMIZER_GRADIENT', (x) => optimizer.apply({ v }, { v: x.reshape([2, 1]) }, lr));
  await fails('OPTIMIZER_GRADIENT', (x) => optimizer.apply({ v }, { v: x.cast('int32') }, lr));
  await fails('OPTIMIZER_GRADIENT', (x) => optimizer.apply({ v }, { v: x }, x as unknown as tf.Scalar));
  await fails('OPTIMIZER_GRADIENT', (x) => optimizer.apply({ v }, { v: x }, lr, x));
  await fails('VARIABLE_NOT_ADOPTED', (x) => optimizer.apply({ stranger }, { stranger: x }, lr));
  expect(v.arraySync()).toEqual([1, 2]);
  optimizer.dispose();
  expect(() => optimizer.restore({})).toThrow(expect.objectContaining({ code: 'OPTIMIZER_DISPOSED' }));
  engine.release([v]);
});

async function bytesOf(parameters: Record<string, tf.Variable>): Promise<string[]> {
  return Promise.all(
    Object.values(parameters).map(async (parameter) => Buffer.from((await parameter.data()).buffer).toString('hex')),
  );
}
