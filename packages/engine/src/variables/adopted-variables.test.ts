import type { Engine } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../index.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

test('an adopted variable reads, computes and assigns like any other, without a leak', async () => {
  const v = tf.variable(tf.tensor1d([1, 2]));
  engine.adopt({ v });
  const before = { ...engine.memory(), tensors: tf.memory().numTensors };
  tf.tidy(() => {
    expect(v.arraySync()).toEqual([1, 2]);
    expect(v.add(1).arraySync()).toEqual([2, 3]);
    v.assign(tf.tensor1d([5, 6]));
    expect(v.mul(v).arraySync()).toEqual([25, 36]);
    engine.assign(v, tf.tensor1d([7, 8]));
    expect(v.square().sum().arraySync()).toBe(113);
  });
  expect(Array.from(await v.data())).toEqual([7, 8]);
  const { handles, ...rest } = { ...engine.memory(), tensors: tf.memory().numTensors };
  expect(handles).toBeLessThanOrEqual(before.handles);
  expect({ ...before, ...rest }).toEqual(before);
  engine.release([v]);
  expect(engine.memory().resources).toBe(before.resources - 1);
});

test('a copy keeps the value it was made from, and so does the tensor a variable was made from', () => {
  const source = tf.tensor1d([1, 2]);
  const v = tf.variable(source);
  engine.adopt({ v });
  const copy = v.clone();
  v.assign(tf.tensor1d([9, 9]));
  expect(copy.arraySync()).toEqual([1, 2]);
  expect(source.arraySync()).toEqual([1, 2]);
  expect(v.arraySync()).toEqual([9, 9]);
  engine.release([v]);
  expect(v.isDisposed).toBe(true);
});

test('the value of assign stays the own of its giver', async () => {
  const v = tf.variable(tf.tensor1d([0, 0]));
  engine.adopt({ v });
  const given = tf.tensor1d([3, 4]);
  v.assign(given);
  const step = engine.compile('bump', ([by]) => (engine.assign(v, v.add(by!)), []));
  await step.run([tf.scalar(1)]);
  expect(given.arraySync()).toEqual([3, 4]);
  expect(v.arraySync()).toEqual([4, 5]);
  given.dispose();
  expect(v.arraySync()).toEqual([4, 5]);
  engine.release([v]);
});

test('in a step, reads and writes happen in program order', async () => {
  const v = tf.variable(tf.tensor1d([1, 10]));
  const other = tf.variable(tf.scalar(0));
  engine.adopt({ v, other });
  const step = engine.compile('order', ([x]) => {
    const first = v.mul(1);
    engine.assign(v, v.add(x!));
    const second = v.mul(1);
    engine.assign(v, v.mul(2));
    engine.assign(other, v.sum());
    engine.assign(v, v.sub(1));
    return [first, second, v, other];
  });
  for (let run = 0; run < 20; run++) {
    v.assign(tf.tensor1d([1, 10]));
    const results = await step.run([tf.tensor1d([1, 1])]);
    expect(results.map((result) => result.arraySync())).toEqual([[1, 10], [2, 11], [3, 21], 26]);
    expect(v.arraySync()).toEqual([3, 21]);
  }
  engine.release([v, other]);
});

test('a step reads the values of the moment it runs, of variables that are not adopted as well', async () => {
  const adopted = tf.variable(tf.scalar(1));
  const plain = tf.variable(tf.scalar(10));
  engine.adopt({ adopted });
  const step = engine.compile('now', ([x]) => [x!.add(adopted).add(plain).add(plain.clone())]);
  const run = async () => (await step.run([tf.scalar(0)]))[0]!.dataSync()[0];
  expect(await run()).toBe(21);
  adopted.assign(tf.scalar(2));
  plain.assign(tf.scalar(20));
  expect(await run()).toBe(42);
  plain.dispose();
  await expect(step.run([tf.scalar(0)])).rejects.toMatchObject({ code: 'VARIABLE_RELEASED' });
  engine.release([adopted]);
  await expect(step.run([tf.scalar(0)])).rejects.toMatchObject({ code: 'VARIABLE_RELEASED' });
});

test('misuse has a name', () => {
  const v = tf.variable(tf.tensor1d([1, 2]));
  const w = tf.variable(tf.tensor1d([1, 2]));
  expect(() => engine.assign(v, tf.ones([2]))).toThrow(expect.objectContaining({ code: 'VARIABLE_NOT_ADOPTED' }));
  expect(() => engine.adopt({ one: v, two: v })).toThrow(expect.objectContaining({ code: 'VARIABLE_ADOPTED' }));
  expect(() => engine.release([v])).toThrow(expect.objectContaining({ code: 'VARIABLE_NOT_ADOPTED' }));
  engine.adopt({ v });
  expect(() => engine.adopt({ w, again: v })).toThrow(expect.objectContaining({ code: 'VARIABLE_ADOPTED' }));
  expect(() => engine.assign(w, tf.ones([2]))).toThrow(expect.objectContaining({ code: 'VARIABLE_NOT_ADOPTED' }));
  expect(() => engine.assign(v, tf.ones([3]))).toThrow(expect.objectContaining({ code: 'VARIABLE_VALUE' }));
  expect(() => v.assign(tf.ones([2], 'int32'))).toThrow(expect.objectContaining({ code: 'VARIABLE_VALUE' }));
  engine.release([v]);
  expect(() => engine.adopt({ v })).toThrow(expect.objectContaining({ code: 'VARIABLE_RELEASED' }));
  w.dispose();
});

test('while a step runs, reading at once is refused and reading later waits', async () => {
  const v = tf.variable(tf.ones([600, 600]));
  engine.adopt({ v });
  const step = engine.compile('long', () => {
    let x: tf.Tensor = v.mul(1e-3);
    for (let i = 0; i < 10; i++) x = x.matMul(v).mul(1e-3);
    engine.assign(v, tf.zerosLike(v));
    return [x.sum()];
  });
  const running = step.run([]);
  expect(() => v.dataSync()).toThrow(expect.objectContaining({ code: 'ENGINE_BUSY' }));
  expect(() => v.add(1)).toThrow(expect.objectContaining({ code: 'ENGINE_BUSY' }));
  expect(() => engine.assign(v, tf.zeros([600, 600]))).toThrow(expect.objectContaining({ code: 'ENGINE_BUSY' }));
  expect(() => engine.release([v])).toThrow(expect.objectContaining({ code: 'ENGINE_BUSY' }));
  expect((await v.data())[0]).toBe(0);
  await running;
  engine.release([v]);
});
