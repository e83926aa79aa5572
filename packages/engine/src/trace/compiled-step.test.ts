import type { Engine } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../index.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

/** A small regression network with everything a real step has: convolution, batch norm with moving mean, dropout, Adam. */
async function train(steps: number, afterWarmUp: () => void = () => undefined): Promise<Float32Array[]> {
  const variable = (make: () => tf.Tensor, trainable = true) => tf.tidy(() => tf.variable(make(), trainable));
  const random = (shape: number[], seed: number) => variable(() => tf.randomUniform(shape, -0.5, 0.5, 'float32', seed));
  const trainable = {
    kernel: random([3, 3, 2, 4], 1),
    gamma: variable(() => tf.ones([4])),
    beta: variable(() => tf.zeros([4])),
    dense: random([4, 1], 2),
  };
  const mean = variable(() => tf.zeros([4]), false);
  engine.adopt({ ...trainable, mean });
  const adam = engine.createOptimizer({ kind: 'adam' });
  const x = tf.randomUniform([4, 8, 8, 2], -1, 1, 'float32', 3);
  const y = tf.tidy(() => x.mean([1, 2, 3]).reshape([4, 1]));
  const step = engine.compile('train', ([image, target, lr, seed]) => {
    const { value, grads } = tf.variableGrads(() => {
      const conv = tf.conv2d(image as tf.Tensor4D, trainable.kernel as unknown as tf.Tensor4D, 1, 'same');
      const [normal, batchMean] = tf
        .engine()
        .runKernel<tf.Tensor[]>(
          'FusedBatchNormTraining',
          { x: conv, gamma: trainable.gamma, beta: trainable.beta },
          { epsilon: 1e-3 },
        ) as [tf.Tensor, tf.Tensor];
      engine.assign(mean, mean.mul(0.9).add(batchMean.mul(0.1)));
      const keep = tf
        .engine()
        .runKernel<tf.Tensor>('StatelessRandomUniform', { seed: seed! }, { shape: [4, 4] })
        .less(0.8)
        .cast('float32');
      const features = normal.relu().mean([1, 2]).mul(keep).div(0.8); // [4, 4]
      return tf.losses.meanSquaredError(target!, features.matMul(trainable.dense)).asScalar();
    }, Object.values(trainable));
    adam.apply(
      trainable,
      Object.fromEntries(Object.entries(trainable).map(([name, variable]) => [name, grads[variable.name]!])),
      lr as tf.Scalar,
    );
    return [value];
  });
  for (let index = 0; index < steps; index++) {
    const inputs = [tf.scalar(1e-2), tf.tensor1d([7, index], 'int32')];
    const [loss] = await step.run([x, y, ...inputs]);
    tf.dispose([...inputs, loss!]);
    if (index === 20) afterWarmUp();
  }
  const values = await Promise.all([...Object.values(trainable), mean].map((variable) => variable.data<'float32'>()));
  step.dispose();
  adam.dispose();
  engine.release([...Object.values(trainable), mean]);
  tf.dispose([x, y]);
  return values;
}

test('over 200 steps no handle, resource, function or tensor is left behind', async () => {
  const start = { ...engine.memory(), tensors: tf.memory().numTensors };
  let warm: unknown;
  const now = () => ({ ...engine.memory(), tensors: tf.memory().numTensors });
  let last: unknown;
  await train(21, () => (last = now()));
  expectNoGrowth(start, now());
  await train(221, () => (warm = now()));
  expect(warm).toEqual(last);
  expectNoGrowth(start, now());
});

test('the same seed gives the same bytes', async () => {
  const [first, second] = [await train(40), await train(40)];
  expect(first.map((values) => Buffer.from(values.buffer).toString('hex'))).toEqual(
    second.map((values) => Buffer.from(values.buffer).toString('hex')),
  );
});

test('timers tick while a step runs', async () => {
  const step = engine.compile('busy', ([x]) => {
    let y = x!;
    for (let i = 0; i < 30; i++) y = y.matMul(x!).mul(1e-3);
    return [y.sum()];
  });
  const x = tf.ones([900, 900]);
  let ticks = 0;
  let over = false;
  const tick = () => {
    if (over) return;
    ticks++;
    setTimeout(tick, 1);
  };
  const [, elapsed] = await Promise.all([
    Promise.resolve().then(tick),
    (async () => {
      const started = performance.now();
      await step.run([x]);
      over = true;
      return performance.now() - started;
    })(),
  ]);
  expect(elapsed).toBeGreaterThan(20);
  expect(ticks).toBeGreaterThan(5);
});

test('steps that are started together run one after the other; inputs may go at once', async () => {
  const v = tf.variable(tf.scalar(0));
  engine.adopt({ counter: v });
  const step = engine.compile('count', ([x]) => {
    engine.assign(v, v.mul(2).add(x!));
    return [v];
  });
  const results = await Promise.all(
    [1, 2, 3].map((value) => {
      const x = tf.scalar(value);
      const running = step.run([x]);
      x.dispose();
      return running;
    }),
  );
  expect(results.map(([result]) => result!.dataSync()[0])).toEqual([1, 4, 11]);
  engine.release([v]);
});

test('key tells apart what the shapes do not; dtypes and shapes make signatures of their own', async () => {
  let sign = 1;
  const step = engine.compile('keyed', ([x]) => [sign > 0 ? x!.add(1) : x!.sub(1)]);
  const at = async (value: tf.Tensor, key?: string) => (await step.run([value], key))[0]!.dataSync()[0];
  expect(await at(tf.scalar(1), 'plus')).toBe(2);
  sign = -1;
  expect(await at(tf.scalar(1), 'minus')).toBe(0);
  expect(step.traces).toBe(2);
  expect(await at(tf.scalar(1, 'int32'), 'minus')).toBe(0);
  expect(step.traces).toBe(3);
  const before = engine.memory().functions;
  step.dispose();
  step.dispose();
  expect(engine.memory().functions).toBe(before - 3);
});

test('an error while a step runs is thrown, frees what it held and leaves the engine usable', async () => {
  const step = engine.compile('out of range', ([x, index]) => [tf.gather(x!, index as tf.Tensor1D)]);
  const x = tf.tensor1d([1, 2, 3]);
  const good = tf.tensor1d([2], 'int32');
  const bad = tf.tensor1d([99], 'int32');
  (await step.run([x, good]))[0]!.dispose();
  await expect(step.run([x, bad])).rejects.toMatchObject({ code: 'NATIVE_ERROR' });
  const before = { ...engine.memory(), tensors: tf.memory().numTensors };
  for (let i = 0; i < 5; i++) await expect(step.run([x, bad])).rejects.toMatchObject({ code: 'NATIVE_ERROR' });
  for (let i = 0; i < 5; i++)
    expect(() =>
      tf.tidy(() => tf.conv2d(tf.ones<tf.Rank.R4>([1, 2, 2, 1]), tf.ones<tf.Rank.R4>([3, 3, 1, 1]), 1, 'valid')),
    ).toThrow();
  expectNoGrowth(before, { ...engine.memory(), tensors: tf.memory().numTensors });
  expect((await step.run([x, good]))[0]!.arraySync()).toEqual([3]);
});

test('results belong to the engine, also when another backend has become active meanwhile', async () => {
  const step = engine.compile('elsewhere', ([x]) => [x!.add(1)]);
  const running = step.run([tf.scalar(1)]);
  await tf.setBackend('cpu');
  const [y] = await running;
  expect(y!.dataSync()[0]).toBe(2);
  expect(y!.mul(2).dataSync()[0]).toBe(4); // moves to the CPU backend
  await expect(engine.compile('on cpu', ([x]) => [x!]).run([tf.scalar(1)])).rejects.toMatchObject({
    code: 'ENGINE_OPTIONS',
  });
  await tf.setBackend('tensorflow');
});

test('outputs may be inputs, repeated, captured or constant', async () => {
  const captured = tf.tensor1d([4, 5]);
  const step = engine.compile('passes', ([x]) => [x!, x!, captured, tf.scalar(3), tf.keep(x!.add(1))]);
  const results = await step.run([tf.tensor1d([1, 2])]);
  expect(results.map((result) => result.arraySync())).toEqual([[1, 2], [1, 2], [4, 5], 3, [2, 3]]);
  expect(new Set(results).size).toBe(5);
});

test('list arguments of all kinds are told apart', async () => {
  const step = engine.compile('lists', ([a, b]) => [
    tf.concat([a!, b!, a!], 0),
    tf.stack([a!, b!]),
    tf.addN([a!, b!, b!]),
    ...tf.split(a!, [1, 2]),
    ...tf.unstack(b!),
    tf.einsum('i,i->', a!, b!),
  ]);
  const [a, b] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([4, 5, 6])];
  const results = (await step.run([a, b])).map((result) => result.arraySync());
  expect(results).toEqual([
    [1, 2, 3, 4, 5, 6, 1, 2, 3],
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [9, 12, 15],
    [1],
    [2, 3],
    4,
    5,
    6,
    32,
  ]);
});

/** Handles may also become fewer: those of tensors that an earlier test left to the garbage collector. */
function expectNoGrowth(before: Record<string, number>, after: Record<string, number>): void {
  const { handles, ...rest } = after;
  expect(handles).toBeLessThanOrEqual(before['handles']!);
  expect(rest).toEqual(Object.fromEntries(Object.keys(rest).map((name) => [name, before[name]])));
}
