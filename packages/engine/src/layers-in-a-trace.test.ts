import type { Engine } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from './index.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

/** Everything a head is likely to be made of, small: [b, 16, 16, 3] -> [b, 16, 16, 1] and [b, 4]. */
function network(): tf.LayersModel {
  const image = tf.input({ shape: [16, 16, 3] });
  const seed = 7;
  const kernelInitializer = () => tf.initializers.glorotUniform({ seed });
  const layer = (x: tf.SymbolicTensor, made: tf.layers.Layer) => made.apply(x) as tf.SymbolicTensor;
  let x = layer(
    image,
    tf.layers.conv2d({
      filters: 8,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: kernelInitializer(),
    }),
  );
  const skip = x;
  x = layer(x, tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }));
  x = layer(
    x,
    tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthwiseInitializer: kernelInitializer() }),
  );
  x = layer(x, tf.layers.leakyReLU({ alpha: 0.1 }));
  x = layer(x, tf.layers.averagePooling2d({ poolSize: 2, strides: 2, padding: 'same' }));
  x = layer(
    x,
    tf.layers.conv2dTranspose({
      filters: 6,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      kernelInitializer: kernelInitializer(),
    }),
  );
  x = layer(x, tf.layers.upSampling2d({ size: [2, 2] }));
  x = tf.layers.concatenate().apply([x, skip]) as tf.SymbolicTensor;
  const mask = layer(x, tf.layers.conv2d({ filters: 1, kernelSize: 1, kernelInitializer: kernelInitializer() }));
  let g = layer(x, tf.layers.globalAveragePooling2d({}));
  g = layer(g, tf.layers.dense({ units: 8, activation: 'relu', kernelInitializer: kernelInitializer() }));
  const logits = layer(g, tf.layers.dense({ units: 4, activation: 'sigmoid', kernelInitializer: kernelInitializer() }));
  return tf.model({ inputs: image, outputs: [mask, logits] });
}

function lossOf(model: tf.LayersModel, x: tf.Tensor, maskTarget: tf.Tensor, classes: tf.Tensor): tf.Scalar {
  const [mask, probabilities] = model.apply(x, { training: true }) as [tf.Tensor, tf.Tensor];
  const dice = tf.sub(1, tf.div(tf.sum(tf.mul(tf.sigmoid(mask), maskTarget)), tf.add(tf.sum(tf.sigmoid(mask)), 1)));
  const bce = tf.losses.sigmoidCrossEntropy(maskTarget, mask);
  const focal = tf.mean(tf.softplus(tf.neg(tf.sub(probabilities, classes))));
  return tf.addN([bce, dice, focal]).asScalar();
}

test('a tf.layers model gives the same loss and gradients traced as eager', async () => {
  const model = network();
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const x = tf.randomUniform([2, 16, 16, 3], -1, 1, 'float32', 1);
  const mask = tf.cast(tf.greater(tf.randomUniform([2, 16, 16, 1], 0, 1, 'float32', 2), 0.6), 'float32');
  const classes = tf.cast(tf.greater(tf.randomUniform([2, 4], 0, 1, 'float32', 3), 0.5), 'float32');

  const eager = tf.variableGrads(() => lossOf(model, x, mask, classes), variables);
  const eagerGrads = await Promise.all(variables.map((variable) => eager.grads[variable.name]!.data()));

  const step = engine.compile('gradients', ([image, target, labels]) => {
    const { value, grads } = tf.variableGrads(() => lossOf(model, image!, target!, labels!), variables);
    return [value, ...variables.map((variable) => grads[variable.name]!)];
  });
  const [loss, ...traced] = await step.run([x, mask, classes]);
  expect((await loss!.data())[0]).toBeCloseTo((await eager.value.data())[0]!, 5);
  for (const [index, gradient] of traced.entries())
    expect(maxDifference(await gradient.data(), eagerGrads[index]!)).toBeLessThan(2e-5);
  step.dispose();
});

test('after adoption the same model gives the same gradients', async () => {
  const model = network();
  const weights = Object.fromEntries(model.weights.map((weight) => [weight.name, weight.read() as tf.Variable]));
  const variables = Object.values(weights);
  const x = tf.randomUniform([2, 16, 16, 3], -1, 1, 'float32', 1);
  const mask = tf.zeros([2, 16, 16, 1]);
  const classes = tf.ones([2, 4]);
  const before = tf.variableGrads(() => lossOf(model, x, mask, classes), variables);
  engine.adopt(weights);
  const after = tf.variableGrads(() => lossOf(model, x, mask, classes), variables);
  const step = engine.compile('adopted', ([image]) => {
    const { grads } = tf.variableGrads(() => lossOf(model, image!, mask, classes), variables);
    return variables.map((variable) => grads[variable.name]!);
  });
  const traced = await step.run([x]);
  for (const [index, variable] of variables.entries()) {
    const wanted = await before.grads[variable.name]!.data();
    expect(maxDifference(await after.grads[variable.name]!.data(), wanted)).toBeLessThan(1e-6);
    expect(maxDifference(await traced[index]!.data(), wanted)).toBeLessThan(2e-5);
  }
  expect(model.countParams()).toBe(variables.reduce((sum, variable) => sum + variable.size, 0));
  expect((await model.getWeights()[0]!.data()).length).toBe(3 * 3 * 3 * 8);
  engine.release(variables);
});

test('a batch norm layer of tf.layers is refused in training mode, and works in inference', async () => {
  const model = tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [4, 4, 2] })] });
  const x = tf.randomNormal([3, 4, 4, 2], 0, 1, 'float32', 5);
  const train = engine.compile('train', ([image]) => [model.apply(image!, { training: true }) as tf.Tensor]);
  await expect(train.run([x])).rejects.toMatchObject({ code: 'TRACE_ASSIGN' });
  const infer = engine.compile('infer', ([image]) => [model.apply(image!) as tf.Tensor]);
  const [y] = await infer.run([x]);
  expect(maxDifference(await y!.data(), await (model.predict(x) as tf.Tensor).data())).toBeLessThan(1e-5);
});

function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((max, value, index) => Math.max(max, Math.abs(value - b[index]!)), 0);
}
