import type { Engine } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../index.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

test('steps that write nothing run side by side, and never beside one that writes', async () => {
  const weight = tf.variable(tf.fill([64, 64], 0.01));
  engine.adopt({ weight });
  const read = engine.compile('read', ([x]) => {
    let y = x as tf.Tensor;
    for (let i = 0; i < 20; i++) y = y.matMul(weight);
    return [y.sum(), weight.min(), weight.max()];
  });
  const write = engine.compile('write', ([value]) => {
    engine.assign(weight, tf.zeros([64, 64]).add(value as tf.Tensor));
    return [];
  });
  const run = async (value: number): Promise<number[]> => {
    const x = tf.fill([256, 64], value);
    const outputs = await read.run([x]);
    const numbers = await Promise.all(outputs.map(async (output) => (await output.data<'float32'>())[0] as number));
    tf.dispose([x, ...outputs]);
    return numbers;
  };
  const alone = await run(1);
  const before = engine.memory();
  const values = Array.from({ length: 24 }, (_, i) => 1 + i);
  // What was called before the write sees the old weights, what was called after it the new ones.
  const earlier = values.map(run);
  const [old, young] = [tf.scalar(0.02), tf.scalar(0.03)];
  const writes = [write.run([old]), write.run([young])];
  const later = values.map(run);
  for (const [i, [sum, low, high]] of (await Promise.all(earlier)).entries()) {
    expect(sum).toBeCloseTo(values[i]! * alone[0]!, 2);
    expect([low, high]).toEqual([Math.fround(0.01), Math.fround(0.01)]);
  }
  for (const [, low, high] of await Promise.all(later))
    expect([low, high]).toEqual([Math.fround(0.03), Math.fround(0.03)]);
  await Promise.all(writes);
  tf.dispose([old, young]);
  expect(engine.memory()).toEqual({ ...before, functions: before.functions + 1 });
  read.dispose();
  write.dispose();
});
