import type { Engine } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from './index.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

test('the backend computes with TensorFlow', async () => {
  expect(tf.getBackend()).toBe('tensorflow');
  expect(engine.info).toEqual({ name: 'tensorflow', version: '2.21.0', device: 'cpu' });
  const y = tf.tidy(() =>
    tf
      .tensor2d([
        [1, 2],
        [3, 4],
      ])
      .matMul(
        tf.tensor2d([
          [1, 1],
          [1, 1],
        ]),
      ),
  );
  expect(Array.from(y.dataSync())).toEqual([3, 3, 7, 7]);
  expect(Array.from(await y.data())).toEqual([3, 3, 7, 7]);
  y.dispose();
});

test('strings, booleans, int32 and complex numbers go in and come out', async () => {
  const long = 'a string that is longer than twenty-two bytes, so that it lives on the heap';
  const s = tf.tensor(['', 'a', 'äöü€', long], [2, 2], 'string');
  expect(await tf.concat([s, s]).array()).toEqual([
    ['', 'a'],
    ['äöü€', long],
    ['', 'a'],
    ['äöü€', long],
  ]);
  expect(tf.tensor1d([1, 0, 1], 'bool').logicalNot().arraySync()).toEqual([0, 1, 0]);
  expect(tf.tensor1d([7, -3], 'int32').mul(tf.scalar(2, 'int32')).arraySync()).toEqual([14, -6]);
  const c = tf.complex([1, 2], [3, 4]).mul(tf.complex([1, 0], [1, 1]));
  expect(Array.from(await c.data())).toEqual([-2, 4, -4, 2]);
});

test('a step is traced once per signature and runs off the event loop', async () => {
  let calls = 0;
  const step = engine.compile('double', ([x]) => {
    calls++;
    return [x!.mul(2), x!.sum()];
  });
  const x = tf.tensor1d([1, 2, 3]);
  const [y, sum] = await step.run([x]);
  expect(y!.arraySync()).toEqual([2, 4, 6]);
  expect(sum!.arraySync()).toBe(6);
  const before = calls;
  const [z] = await step.run([tf.tensor1d([5, 6, 7])]);
  expect(z!.arraySync()).toEqual([10, 12, 14]);
  for (let i = 0; i < 5; i++) await step.run([x]);
  expect(calls).toBe(before + 1);
  expect(step.traces).toBe(1);
  await step.run([tf.tensor1d([1])]);
  expect(step.traces).toBe(2);
  step.dispose();
  await expect(step.run([x])).rejects.toMatchObject({ code: 'STEP_DISPOSED' });
});

test('adam on a quadratic', async () => {
  const w = tf.variable(tf.tensor1d([5, -3]));
  engine.adopt({ w });
  const adam = engine.createOptimizer({ kind: 'adam' });
  const step = engine.compile('train', ([lr]) => {
    const { value, grads } = tf.variableGrads(() => w.square().sum().asScalar(), [w]);
    adam.apply({ w }, { w: grads[w.name]! }, lr!.asScalar());
    return [value];
  });
  const losses: number[] = [];
  for (let i = 0; i < 100; i++) {
    const lr = tf.scalar(0.1);
    const [loss] = await step.run([lr]);
    losses.push(loss!.dataSync()[0]!);
    tf.dispose([lr, loss!]);
  }
  expect(losses[0]).toBe(34);
  expect(losses.at(-1)).toBeLessThan(0.2);
  expect((await adam.state())['w/steps']!.data[0]).toBe(100);
});
