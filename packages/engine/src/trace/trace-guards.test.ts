import type { Engine, StepFunction } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../index.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

const failsWith = async (code: string, fn: StepFunction, inputs: tf.Tensor[] = [tf.tensor1d([1, 2])]) => {
  tf.dispose(await engine.compile('ready', (all) => [...all]).run(inputs)); // the inputs have their native handles now
  const before = { tensors: tf.memory().numTensors, ...engine.memory() };
  const step = engine.compile('guarded', fn);
  await expect(step.run(inputs)).rejects.toMatchObject({ code });
  // A failed recording leaves nothing behind, and the engine works on.
  const { handles, ...rest } = { tensors: tf.memory().numTensors, ...engine.memory() };
  expect(handles).toBeLessThanOrEqual(before.handles); // fewer when the collector has taken what an earlier test left
  expect({ ...before, ...rest }).toEqual(before);
  expect(Math.random()).toBeLessThan(1);
  const [y] = await engine.compile('after', ([x]) => [x!.add(1)]).run([tf.scalar(1)]);
  expect(y!.dataSync()[0]).toBe(2);
};

test('reading a value is refused: dataSync, data, arraySync, even when the error is swallowed', async () => {
  await failsWith('TRACE_VALUE_READ', ([x]) => [tf.scalar(x!.dataSync()[0]!)]);
  await failsWith('TRACE_VALUE_READ', ([x]) => (x!.add(1).arraySync(), [x!]));
  await failsWith('TRACE_VALUE_READ', ([x]) => {
    void x!.data();
    return [x!];
  });
  await failsWith('TRACE_VALUE_READ', ([x]) => {
    try {
      x!.dataSync();
    } catch {
      // the step must fail all the same
    }
    return [x!];
  });
});

test('reading an adopted variable is refused', async () => {
  const v = tf.variable(tf.scalar(3));
  engine.adopt({ read: v });
  await failsWith('TRACE_VALUE_READ', ([x]) => [x!.mul(v.dataSync()[0]!)]);
  engine.release([v]);
});

test('random numbers of JavaScript and of hidden native generators are refused', async () => {
  await failsWith('TRACE_RANDOM', ([x]) => [x!.mul(Math.random())]);
  await failsWith('TRACE_RANDOM', ([x]) => [tf.dropout(x!, 0.5)]);
  await failsWith('TRACE_RANDOM', ([x]) => [x!.add(tf.randomNormal([2]))]);
  await failsWith('TRACE_RANDOM', ([x]) => [x!.add(tf.randomUniform([2]))]);
  await failsWith('TRACE_RANDOM', ([x]) => [tf.dropout(x!, 0.5, undefined, 'a seed')]);
  await failsWith('TRACE_RANDOM', ([x]) => [
    tf.layers.dropout({ rate: 0.5, seed: 3 }).apply(x!, { training: true }) as tf.Tensor,
  ]);
  await failsWith('TRACE_RANDOM', ([x]) => [x!.add(tf.randomUniform([2], 0, 1, 'float32', 5))]);
  await failsWith('TRACE_RANDOM', ([x]) => [x!.add(tf.randomNormal([2], 0, 1, 'float32', 5))]);
  await failsWith('TRACE_RANDOM', ([x]) => [x!.add(tf.truncatedNormal([2], 0, 1, 'float32', 5))]);
  await failsWith('TRACE_RANDOM', ([x]) => [x!.add(tf.multinomial(tf.tensor1d([1, 1]), 2, 5).cast('float32'))]);
});

test('a constant that changes between recordings is refused at once', async () => {
  let calls = 0;
  await failsWith('TRACE_HOST_TENSOR', ([x]) => [x!.add(tf.scalar(calls++))]);
  await failsWith('TRACE_HOST_TENSOR', ([x]) => [x!.leakyRelu(0.1 * ++calls)]);
  await failsWith('TRACE_HOST_TENSOR', ([x]) => [calls++ % 2 === 0 ? x!.add(1) : x!.sub(1)]);
});

test('data that changes between calls is refused at the second call', async () => {
  let data = [1, 2];
  const step = engine.compile('closure', ([x]) => [x!.add(tf.tensor1d(data))]);
  expect((await step.run([tf.tensor1d([1, 1])]))[0]!.arraySync()).toEqual([2, 3]);
  data = [5, 6];
  await expect(step.run([tf.tensor1d([1, 1])])).rejects.toMatchObject({ code: 'TRACE_HOST_TENSOR' });

  let captured = tf.tensor1d([1, 2]);
  const capturing = engine.compile('capture', ([x]) => [x!.add(captured)]);
  await capturing.run([tf.tensor1d([1, 1])]);
  captured = tf.tensor1d([1, 2]);
  await expect(capturing.run([tf.tensor1d([1, 1])])).rejects.toMatchObject({ code: 'TRACE_HOST_TENSOR' });
});

test('a large tensor from JavaScript values is refused, a uniform one is not', async () => {
  const values = Float32Array.from({ length: 5000 }, (_, index) => index);
  await failsWith('TRACE_HOST_TENSOR', ([x]) => [x!.sum().add(tf.tensor1d(values).sum())]);
  const step = engine.compile('uniform', ([x]) => [x!.sum().add(tf.ones([100, 100]).sum()), tf.zeros([5000])]);
  const [sum, zeros] = await step.run([tf.tensor1d([1, 2])]);
  expect(sum!.dataSync()[0]).toBe(10_003);
  expect(zeros!.shape).toEqual([5000]);
});

test('variable.assign is refused, on adopted variables and on others', async () => {
  const v = tf.variable(tf.tensor1d([3, 4]));
  await failsWith('TRACE_ASSIGN', ([x]) => (v.assign(x as tf.Tensor1D), [x!]));
  engine.adopt({ assigned: v });
  await failsWith('TRACE_ASSIGN', ([x]) => (v.assign(x as tf.Tensor1D), [x!]));
  engine.release([v]);
});

test('a variable that is created in the step is refused and not left behind', async () => {
  await failsWith('TRACE_VARIABLE', ([x]) => [x!.add(tf.variable(tf.zeros([2])))]);
  const layer = tf.layers.dense({ units: 2, kernelInitializer: 'zeros' });
  await failsWith('TRACE_VARIABLE', ([x]) => [layer.apply(x!.reshape([1, 2])) as tf.Tensor]);
});

test('a tensor from outside must live as long as the step', async () => {
  const outside = tf.tensor1d([1, 2]);
  const step = engine.compile('outside', ([x]) => [x!.add(outside)]);
  await step.run([tf.scalar(1)]);
  outside.dispose();
  await expect(step.run([tf.scalar(1)], 'another recording')).rejects.toThrow(/disposed/);
  await expect(step.run([tf.scalar(1)])).rejects.toThrow(/disposed/);
});

test('shapes that depend on values are refused', async () => {
  await failsWith('TRACE_UNKNOWN_SHAPE', ([x]) => [tf.unique(x as tf.Tensor1D).values]);
});

test('a step inside a step, an async function and a wrong result are refused', async () => {
  const inner = engine.compile('inner', ([x]) => [x!.add(1)]);
  await failsWith('TRACE_NESTED', ([x]) => {
    void inner.run([x!]);
    return [x!];
  });
  await expect(inner.run([tf.scalar(1)])).resolves.toHaveLength(1);
  // eslint-disable-next-line @typescript-eslint/require-await -- what a user may write
  await failsWith('TRACE_ASYNC', (async ([x]: tf.Tensor[]) => [x!]) as unknown as StepFunction);
  await failsWith('TRACE_RESULT', (() => 5) as unknown as StepFunction);
  await failsWith('TRACE_RESULT', (() => [5]) as unknown as StepFunction);
});

test('a tensor of a finished recording is an error with a name', async () => {
  let escaped: tf.Tensor | undefined;
  const step = engine.compile('escape', ([x]) => [(escaped = tf.keep(x!.add(1)))]);
  await step.run([tf.scalar(1)]);
  expect(() => escaped!.dataSync()).toThrow(expect.objectContaining({ code: 'TRACE_ESCAPED' }));
  await expect(engine.compile('other', ([x]) => [x!.mul(2).add(escaped!)]).run([tf.scalar(1)])).rejects.toMatchObject({
    code: 'TRACE_ESCAPED',
  });
  expect(() => escaped!.add(1)).toThrow(expect.objectContaining({ code: 'TRACE_ESCAPED' }));
});

test('what the function itself throws comes out as it is', async () => {
  const step = engine.compile('throws', () => {
    throw new RangeError('mine');
  });
  await expect(step.run([])).rejects.toThrow(new RangeError('mine'));
  await expect(engine.compile('disposed', ([x]) => [x!]).run([disposed()])).rejects.toMatchObject({
    code: 'STEP_INPUT',
  });
});

function disposed(): tf.Tensor {
  const tensor = tf.scalar(1);
  tensor.dispose();
  return tensor;
}
