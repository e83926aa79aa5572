import {
  batchNorm,
  concatenate,
  conv2d,
  relu,
  withBuildContext,
  withStepContext,
  type Engine,
  type RankGroup,
  type StatisticUpdate,
  type StepRanks,
} from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from './index.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

/** A dense block of two layers, whose batch norms see concatenations, parts of concatenations, and a part again. */
function block(channels: number, name: string): tf.LayersModel {
  const image = tf.input({ shape: [6, 5, channels] });
  const output = withBuildContext({ seed: 3, scope: name }, () => {
    let x: tf.SymbolicTensor = conv2d({ filters: 4, kernelSize: 3, useBias: false, name: 'stem' })(image);
    x = concatenate([x, image], 'skip');
    for (const layer of [1, 2]) {
      const y = relu(`relu${layer}`)(batchNorm({ name: `norm${layer}` })(x));
      x = concatenate(
        [x, conv2d({ filters: 3, kernelSize: 3, useBias: false, name: `conv${layer}` })(y)],
        `cat${layer}`,
      );
    }
    return x;
  });
  return tf.model({ inputs: image, outputs: output, name });
}

/** Loss, gradients and new moving statistics of a step, by whichever batch norm; how often it talks to the other ranks. */
async function numbers(models: readonly tf.LayersModel[], x: tf.Tensor, weights: tf.Tensor, synchronised: boolean) {
  let talks = 0;
  const alone = {
    rank: 0,
    size: 1,
    gather: (tensor: tf.Tensor) => (talks++, tf.clone(tensor)),
  } as unknown as RankGroup;
  const ranks = (): StepRanks => ({
    ...{ group: alone, syncBatchNorm: true, datasets: 1, totalled: false },
    ...{ parts: new Map(), moments: new Map() },
  });
  const variables = models.flatMap((model) => model.trainableWeights.map((weight) => weight.read() as tf.Variable));
  const step = engine.compile(`norms ${synchronised}`, ([image, factors]) => {
    const updates: StatisticUpdate[] = [];
    const seen = ranks();
    const { value, grads } = tf.variableGrads(
      () =>
        withStepContext({ seed: tf.zeros([2], 'int32'), updates, ...(synchronised ? { ranks: seen } : {}) }, () => {
          const y = models.reduce((z, model) => model.apply(z, { training: true }) as tf.Tensor, image as tf.Tensor);
          return tf.sum(tf.mul(tf.square(y), factors as tf.Tensor)).asScalar();
        }),
      variables,
    );
    tf.dispose([...seen.moments.values()]);
    return [value, ...variables.map(({ name }) => grads[name]!), ...updates.map((update) => update.value)];
  });
  try {
    const outputs = await step.run([x, weights]);
    return { values: await Promise.all(outputs.map((output) => output.data<'float32'>())), talks };
  } finally {
    step.dispose();
  }
}

test('of one rank it equals batch norm: values, gradients, moving statistics; a concatenation is not measured again', async () => {
  // A model disposes what is inside of it when it has run: the second begins with a concatenation whose parts are gone.
  const models = [block(3, 'first'), block(13, 'second')];
  const x = tf.add(tf.randomNormal([4, 6, 5, 3], 0, 2, 'float32', 1), 5);
  const weights = tf.randomNormal([4, 6, 5, 23], 0, 1, 'float32', 2);
  const plain = await numbers(models, x, weights, false);
  const synchronised = await numbers(models, x, weights, true);
  expect(synchronised.values).toHaveLength(plain.values.length);
  plain.values.forEach((wanted, i) => {
    const scale = Math.max(...wanted.map(Math.abs));
    synchronised.values[i]!.forEach((value, k) => expect(Math.abs(value - wanted[k]!)).toBeLessThan(1e-4 * scale));
  });
  // New tensors: of each block the stem's, the input and the first convolution's, forward and back; but for the gradient of the image, which nobody asks for.
  // Twice, for a step is checked against a second recording.
  expect(synchronised.talks / 2).toBe(11);
  for (const model of models) model.dispose();
});
