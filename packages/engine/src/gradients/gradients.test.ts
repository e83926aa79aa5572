import type { Engine } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine } from '../index.js';

let engine: Engine;
beforeAll(async () => {
  await tf.setBackend('cpu');
  engine = await createEngine();
});
afterAll(() => engine.dispose());

const drawn = new Map<string, Float32Array>();

/** The same numbers for the same shape and seed; drawn once, since a step may not draw any. */
function random(shape: number[], seed: number): tf.Tensor {
  const key = JSON.stringify([shape, seed]);
  const values = drawn.get(key) ?? tf.tidy(() => tf.randomUniform(shape, -1, 1, 'float32', seed).dataSync<'float32'>());
  drawn.set(key, values);
  return tf.tensor(values, shape);
}

const filter = (shape: [number, number, number, number]) => random(shape, 3).as4D(...shape);

const operations: Record<string, (x: tf.Tensor4D) => tf.Tensor> = {
  relu: (x) => x.relu(),
  'leaky relu': (x) => x.leakyRelu(0.1),
  relu6: (x) => x.mul(8).relu6(),
  sigmoid: (x) => x.sigmoid(),
  tanh: (x) => x.tanh(),
  softplus: (x) => x.softplus(),
  elu: (x) => x.elu(),
  'max pool': (x) => tf.maxPool(x, 3, 2, 'same'),
  'average pool': (x) => tf.avgPool(x, 2, 2, 'valid'),
  convolution: (x) => tf.conv2d(x, filter([3, 3, 3, 5]), 2, 'same'),
  'fused convolution': (x) =>
    tf.fused.conv2d({ x, filter: filter([3, 3, 3, 5]), strides: 1, pad: 'same', bias: random([5], 4) }),
  'transposed convolution': (x) => tf.conv2dTranspose(x, filter([3, 3, 6, 3]), [2, 16, 16, 6], 2, 'same'),
  'depthwise convolution': (x) => tf.depthwiseConv2d(x, filter([3, 3, 3, 2]), 1, 'same'),
  'bilinear resize': (x) => tf.image.resizeBilinear(x, [13, 13]),
  bias: (x) => x.add(random([3], 5)),
  'sum over all but channels': (x) => x.square().sum([0, 1, 2]),
  mean: (x) => x.square().mean([1, 2]),
  'inference batch norm': (x) =>
    tf.batchNorm(x, random([3], 6).as1D(), random([3], 7).add(2).as1D(), random([3], 8).as1D(), random([3], 9).as1D()),
  'binary cross-entropy': (x) => tf.losses.sigmoidCrossEntropy(tf.onesLike(x), x),
  gather: (x) => tf.gather(x, tf.tensor1d([1, 0, 1], 'int32'), 3),
};

describe.each(Object.entries(operations))('%s', (name, operation) => {
  const gradientOf = (x: tf.Tensor) =>
    tf.grad((input) => tf.sum(tf.mul(operation(input as tf.Tensor4D), weights(input))))(x);
  const weights = (input: tf.Tensor) => random(operation(input as tf.Tensor4D).shape, 10);

  test('value and gradient are those of the CPU backend, eager and traced', async () => {
    const results: Float32Array[][] = [];
    for (const backend of ['cpu', 'tensorflow']) {
      await tf.setBackend(backend);
      const x = random([2, 8, 8, 3], 9);
      results.push(await Promise.all([operation(x as tf.Tensor4D).data<'float32'>(), gradientOf(x).data<'float32'>()]));
    }
    const x = random([2, 8, 8, 3], 9);
    const dy = weights(x);
    const step = engine.compile(name, ([input, upstream]) => [
      operation(input as tf.Tensor4D),
      tf.grad((value) => tf.sum(tf.mul(operation(value as tf.Tensor4D), upstream!)))(input!),
    ]);
    const traced = await step.run([x, dy]);
    results.push(await Promise.all(traced.map((tensor) => tensor.data<'float32'>())));
    step.dispose();
    for (const part of [0, 1]) {
      expect(maxDifference(results[1]![part]!, results[0]![part]!)).toBeLessThan(1e-5);
      expect(maxDifference(results[2]![part]!, results[1]![part]!)).toBeLessThan(1e-5);
    }
  });
});

test('nearest-neighbour up-sampling gives each input the sum of what it was copied to', async () => {
  const dy = random([2, 16, 16, 3], 3);
  const gradient = tf.grad((x) => tf.sum(tf.mul(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [16, 16]), dy)))(
    tf.ones([2, 8, 8, 3]),
  );
  const wanted = dy.reshape([2, 8, 2, 8, 2, 3]).sum([2, 4]); // [2, 8, 8, 3]
  expect(maxDifference(await gradient.data(), await wanted.data())).toBeLessThan(1e-6);
});

test('bilinear resizing with half-pixel centres has the gradient of that mode', async () => {
  const x = random([1, 4, 4, 1], 1) as tf.Tensor4D;
  const resize = (value: tf.Tensor) =>
    tf.image
      .resizeBilinear(value as tf.Tensor4D, [7, 7], false, true)
      .square()
      .sum();
  const gradient = (await tf.grad(resize)(x).data())[5]!;
  const h = 1e-2;
  const at = (step: number) =>
    resize(
      x.add(
        tf
          .oneHot(tf.tensor1d([5], 'int32'), 16)
          .mul(step)
          .reshape([1, 4, 4, 1]),
      ),
    ).dataSync()[0]!;
  expect(gradient).toBeCloseTo((at(h) - at(-h)) / (2 * h), 2);
});

test('average pooling over padding counts the pixels that are there', async () => {
  const x = random([1, 5, 5, 1], 1) as tf.Tensor4D;
  const pool = (value: tf.Tensor) =>
    tf
      .avgPool(value as tf.Tensor4D, 3, 2, 'same')
      .square()
      .sum();
  const gradient = await tf.grad(pool)(x).data();
  const at = (index: number, step: number) =>
    pool(
      x.add(
        tf
          .oneHot(tf.tensor1d([index], 'int32'), 25)
          .mul(step)
          .reshape([1, 5, 5, 1]),
      ),
    ).dataSync()[0]!;
  for (const index of [0, 4, 12]) expect(gradient[index]).toBeCloseTo((at(index, 1e-2) - at(index, -1e-2)) / 2e-2, 2);
});

test('the native gradients can be differentiated by the incoming gradient', async () => {
  const x = tf.tensor1d([-0.7, 0.3, 1.2]);
  const w = tf.tensor1d([1, 2, 3]);
  for (const f of [tf.relu, tf.relu6, tf.leakyRelu, tf.sigmoid, tf.tanh, tf.softplus] as ((
    value: tf.Tensor,
  ) => tf.Tensor)[]) {
    const twice = tf.grad((dy) => tf.grad(f)(x, dy).mul(w).sum())(tf.ones([3]));
    expect(maxDifference(await twice.data(), await tf.grad(f)(x, w).data())).toBeLessThan(1e-6);
  }
});

test('the native gradients leave the CPU backend as it was', async () => {
  await tf.setBackend('cpu');
  const x = tf.tensor1d([-1, 0.5, 7]);
  expect(
    tf
      .grad((v) => v.relu().sum())(x)
      .arraySync(),
  ).toEqual([0, 1, 1]);
  expect(
    tf
      .grad((v) => v.relu6().sum())(x)
      .arraySync(),
  ).toEqual([0, 1, 0]);
  expect(
    maxDifference(
      tf
        .grad((v) => v.leakyRelu(0.25).sum())(x)
        .dataSync(),
      [0.25, 1, 1],
    ),
  ).toBeLessThan(1e-7);
  await tf.setBackend('tensorflow');
});

function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((max, value, index) => Math.max(max, Math.abs(value - b[index]!)), 0);
}
