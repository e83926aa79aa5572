import type { Engine } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../index.js';

interface Shaped {
  readonly shape: number[];
  readonly data: number[];
}

interface Golden {
  readonly x: Shaped;
  readonly target: Shaped;
  readonly parameters: Record<string, Shaped>;
  readonly loss: number;
  readonly mean: number[];
  readonly variance: number[];
  readonly gradients: Record<string, number[]>;
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'network.json'), 'utf8')) as Golden;
const tensorOf = ({ data, shape }: Shaped) => tf.tensor(data, shape, 'float32');
const names = Object.keys(golden.parameters);

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

/** The network of tools/golden/engine.py; the statistics of its batch norm come back beside the loss. */
function forward(
  x: tf.Tensor,
  target: tf.Tensor,
  p: Record<string, tf.Tensor>,
): { loss: tf.Scalar; mean: tf.Tensor; variance: tf.Tensor } {
  let y: tf.Tensor = tf.fused.conv2d({
    x: x as tf.Tensor4D,
    filter: p['conv'] as tf.Tensor4D,
    strides: 1,
    pad: 'same',
    bias: p['bias']!,
  });
  const inputs = { x: y, gamma: p['gamma']!, beta: p['beta']! };
  const outputs: tf.Tensor[] = tf.engine().runKernel('FusedBatchNormTraining', inputs, { epsilon: 1e-3 });
  const [normal, mean, variance] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor];
  y = tf.maxPool(tf.relu(normal as tf.Tensor4D), 2, 2, 'valid'); // [3, 4, 4, 4]
  y = tf.conv2dTranspose(y as tf.Tensor4D, p['transposed'] as tf.Tensor4D, [3, 8, 8, 5], 2, 'same').leakyRelu(0.1);
  y = tf.avgPool(tf.image.resizeNearestNeighbor(y as tf.Tensor4D, [16, 16]), 4, 4, 'valid'); // [3, 4, 4, 5]
  const logits = y.mean([1, 2]).matMul(p['dense']!).add(p['offset']!); // [3, 2]
  return { loss: tf.losses.sigmoidCrossEntropy(target, logits), mean, variance };
}

test.each(['eager', 'traced'])('loss, statistics and gradients are those of PyTorch, %s', async (mode) => {
  const inputs = [
    tensorOf(golden.x),
    tensorOf(golden.target),
    ...names.map((name) => tensorOf(golden.parameters[name]!)),
  ];
  const run = ([x, target, ...parameters]: tf.Tensor[]) => {
    const statistics: tf.Tensor[] = [];
    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
      const { loss, mean, variance } = forward(
        x!,
        target!,
        Object.fromEntries(names.map((name, index) => [name, values[index]!])),
      );
      statistics.splice(0, 2, tf.keep(mean), tf.keep(variance));
      return loss;
    })(parameters);
    return [value, ...statistics, ...grads];
  };
  const [loss, mean, variance, ...gradients] =
    mode === 'eager' ? run(inputs) : await engine.compile('network', run).run(inputs);
  expect((await loss!.data())[0]).toBeCloseTo(golden.loss, 5);
  expectClose(await mean!.data(), golden.mean);
  expectClose(await variance!.data(), golden.variance);
  for (const [index, name] of names.entries()) expectClose(await gradients[index]!.data(), golden.gradients[name]!);
});

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < got.length; i++)
    expect(Math.abs(got[i]! - wanted[i]!)).toBeLessThan(1e-5 + 1e-4 * Math.abs(wanted[i]!));
}
