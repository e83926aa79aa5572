import * as tf from '@tensorflow/tfjs';
import type { Precision } from '@multichexnet/core';
import { afterEach, expect, test } from 'vitest';
import { createEngine } from './index.js';

const engines: Awaited<ReturnType<typeof createEngine>>[] = [];
const create = async (options?: Parameters<typeof createEngine>[0]) => {
  const engine = await createEngine(options);
  engines.push(engine);
  return engine;
};
afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

test('dispose frees everything, gives tfjs its backend back, and may be called twice', async () => {
  await tf.setBackend('cpu');
  const engine = await create();
  expect(tf.getBackend()).toBe('tensorflow');
  const v = tf.variable(tf.ones([3]));
  engine.adopt({ v });
  const adam = engine.createOptimizer({ kind: 'adam' });
  const step = engine.compile('train', ([g, lr]) => (adam.apply({ v }, { v: g! }, lr as tf.Scalar), [v]));
  await step.run([tf.ones([3]), tf.scalar(0.1)]);
  expect(engine.memory()).toMatchObject({ resources: 4, functions: 1 }); // v, its two moments, the step counts
  engine.dispose();
  engine.dispose();
  expect(engine.memory()).toEqual({ handles: 0, resources: 0, functions: 0 });
  expect(tf.getBackend()).toBe('cpu');
  expect(tf.scalar(2).mul(3).dataSync()[0]).toBe(6);
  for (const use of [
    () => engine.compile('x', () => []),
    () => engine.adopt({}),
    () => engine.createOptimizer({ kind: 'sgd' }),
  ]) {
    expect(use).toThrow(expect.objectContaining({ code: 'ENGINE_DISPOSED' }));
  }
  await expect(step.run([])).rejects.toMatchObject({ code: 'STEP_DISPOSED' });
});

test('another engine can follow', async () => {
  for (let turn = 0; turn < 3; turn++) {
    const engine = await create();
    const [y] = await engine.compile('add', ([x]) => [x!.add(turn)]).run([tf.scalar(1)]);
    expect(y!.dataSync()[0]).toBe(1 + turn);
    engine.dispose();
  }
});

test('two engines share the runtime, each frees its own', async () => {
  const [one, two] = [await create(), await create()];
  const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
  one.adopt({ value: a });
  two.adopt({ value: b });
  expect(() => two.assign(a, tf.scalar(0))).toThrow(expect.objectContaining({ code: 'VARIABLE_NOT_ADOPTED' }));
  expect([one.memory().resources, two.memory().resources]).toEqual([1, 1]);
  one.dispose();
  expect(b.dataSync()[0]).toBe(2);
  expect(() => a.dataSync()).toThrow(expect.objectContaining({ code: 'VARIABLE_RELEASED' }));
  expect(two.memory().resources).toBe(1);
});

test('options that cannot be are refused', async () => {
  await expect(create({ threads: 0 })).rejects.toMatchObject({ code: 'ENGINE_OPTIONS' });
  await expect(create({ precision: 'float16' as 'float32' })).rejects.toMatchObject({ code: 'ENGINE_OPTIONS' });
  await expect(create({ library: '/nowhere' })).rejects.toMatchObject({ code: 'ENGINE_LIBRARY_MISSING' });
  await create({ threads: 1 });
  await expect(create({ threads: 2 })).rejects.toMatchObject({ code: 'ENGINE_OPTIONS' });
});

test('a step that runs when the engine goes ends well', async () => {
  const engine = await create();
  const step = engine.compile('long', ([x]) => {
    let y = x!;
    for (let i = 0; i < 20; i++) y = y.matMul(x!).mul(1e-3);
    return [y.sum()];
  });
  const running = step.run([tf.ones([400, 400])]);
  engine.dispose();
  await expect(running).resolves.toHaveLength(1);
});

test('bfloat16 steps train like float32 ones, in less exact arithmetic', async () => {
  const losses: number[][] = [];
  for (const precision of ['float32', 'bfloat16'] as const) {
    const engine = await create({ precision });
    const w = tf.variable(tf.randomUniform([3, 3, 8, 8], -0.1, 0.1, 'float32', 1));
    engine.adopt({ w });
    const sgd = engine.createOptimizer({ kind: 'sgd', momentum: 0.5 });
    const x = tf.randomUniform([4, 16, 16, 8], -1, 1, 'float32', 2);
    const step = engine.compile('train', ([image, lr]) => {
      const { value, grads } = tf.variableGrads(
        () =>
          tf
            .conv2d(image as tf.Tensor4D, w as tf.Variable<tf.Rank.R4>, 1, 'same')
            .sub(image!)
            .square()
            .mean()
            .asScalar(),
        [w],
      );
      sgd.apply({ w }, { w: grads[w.name]! }, lr as tf.Scalar);
      return [value];
    });
    const values: number[] = [];
    for (let i = 0; i < 15; i++) values.push((await (await step.run([x, tf.scalar(1)]))[0]!.data())[0]!);
    losses.push(values);
    engine.dispose();
  }
  const [exact, rounded] = losses as [number[], number[]];
  expect(exact.at(-1)).toBeLessThan(0.8 * exact[0]!);
  expect(Math.abs(rounded.at(-1)! - exact.at(-1)!)).toBeLessThan(0.05 * exact.at(-1)!);
});

test('a step may have another precision than its engine; its parameters stay float32', async () => {
  const x = [0.1, 1.003, -2.71828, 3.14159];
  const run = async (session: Precision, own?: Precision) => {
    const engine = await create({ precision: session });
    const v = tf.variable(tf.tensor2d(x, [2, 2]));
    engine.adopt({ v });
    const step = engine.compile(
      'product',
      ([a]) => {
        const product = tf.matMul(a!, v);
        engine.assign(v, v.add(1e-3));
        return [product];
      },
      own === undefined ? {} : { precision: own },
    );
    const [product] = await step.run([tf.tensor2d(x, [2, 2])]);
    const result = { product: await product!.data(), parameter: await v.data() };
    engine.dispose();
    return result;
  };
  const exact = await run('float32');
  const rounded = await run('bfloat16');
  expect(rounded.product).not.toEqual(exact.product);
  expect((await run('float32', 'bfloat16')).product).toEqual(rounded.product);
  expect((await run('bfloat16', 'float32')).product).toEqual(exact.product);
  // less than bfloat16 could tell apart
  expect(rounded.parameter).toEqual(Float32Array.from(x, (value) => Math.fround(value) + Math.fround(1e-3)));
  const engine = await create({});
  expect(() => engine.compile('x', () => [], { precision: 'float16' as Precision })).toThrow(
    expect.objectContaining({ code: 'ENGINE_OPTIONS' }),
  );
  engine.dispose();
});
