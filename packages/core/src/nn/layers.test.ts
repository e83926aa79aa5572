import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { batchNorm } from './batch-norm.js';
import { withBuildContext } from './build-context.js';
import { dropout } from './dropout.js';
import { conv2d, dense, globalAveragePool } from './layers.js';
import { assignUpdates, withStepContext, type StatisticUpdate } from './step-context.js';

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => tf.disposeVariables());

const build = (
  layers: (x: tf.SymbolicTensor) => tf.SymbolicTensor,
  shape: number[],
  seed = 1,
  scope = 'head',
): tf.LayersModel => {
  const x = tf.input({ shape });
  return tf.model({ inputs: x, outputs: withBuildContext({ seed, scope }, () => layers(x)) });
};
const step = <T>(fn: () => T, updates: StatisticUpdate[] = [], number = 1): T =>
  withStepContext({ seed: tf.tensor1d([42, number], 'int32'), updates }, fn);
const close = (actual: tf.Tensor, expected: readonly number[], digits = 5): void =>
  actual.dataSync().forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, digits));

interface BatchNormGolden {
  readonly x: number[];
  readonly gamma: number[];
  readonly beta: number[];
  readonly weights: number[];
  readonly y: number[];
  readonly moving: { readonly mean: number[]; readonly variance: number[] };
  readonly gradient: { readonly x: number[]; readonly gamma: number[]; readonly beta: number[] };
  readonly inference: number[];
}
const golden = JSON.parse(readFileSync(new URL('golden/batch-norm.json', import.meta.url), 'utf8')) as BatchNormGolden;

test('batch norm equals PyTorch: training, moving statistics, gradients, inference', () => {
  const model = build((x) => batchNorm({ name: 'bn', momentum: 0.9 })(x), [2, 2, 2]);
  const [gamma, beta, mean, variance] = model.weights.map((w) => w.read() as tf.Variable) as [
    tf.Variable,
    tf.Variable,
    tf.Variable,
    tf.Variable,
  ];
  gamma.assign(tf.tensor1d(golden.gamma));
  beta.assign(tf.tensor1d(golden.beta));
  const x = tf.tensor(golden.x, [3, 2, 2, 2]);
  const updates: StatisticUpdate[] = [];
  const forward = (input: tf.Tensor): tf.Tensor =>
    step(() => model.apply(input, { training: true }) as tf.Tensor, updates);
  close(forward(x), golden.y);
  expect(updates.map(({ variable }) => variable)).toEqual([mean, variance]);
  close(mean, [0, 0]); // nothing is assigned inside apply
  assignUpdates(updates, (variable, value) => variable.assign(value));
  expect(updates).toEqual([]);
  close(mean, golden.moving.mean);
  close(variance, golden.moving.variance);
  close(model.apply(x, { training: false }) as tf.Tensor, golden.inference);
  const weights = tf.tensor(golden.weights, [3, 2, 2, 2]);
  const { grads } = tf.variableGrads(() => tf.sum(tf.mul(forward(x), weights)).asScalar(), [gamma, beta]);
  close(grads[gamma.name]!, golden.gradient.gamma, 4);
  close(grads[beta.name]!, golden.gradient.beta, 4);
  close(tf.grad((input: tf.Tensor) => tf.sum(tf.mul(forward(input), weights)))(x), golden.gradient.x, 4);
});

test('a saved model loads in plain tfjs, as standard layers with the same output', async () => {
  const model = build(
    (x) =>
      dense(3)(dropout(0.5)(globalAveragePool(batchNorm({ name: 'bn' })(conv2d({ filters: 4, kernelSize: 3 })(x))))),
    [5, 5, 2],
  );
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((saved) =>
      Promise.resolve((artifacts = saved) as never).then(() => ({
        modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const },
      })),
    ),
  );
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts!));
  expect(loaded.layers.map((layer) => layer.getClassName())).toEqual(model.layers.map((layer) => layer.getClassName()));
  const x = tf.tensor(
    Float32Array.from({ length: 100 }, (_, i) => Math.sin(i)),
    [2, 5, 5, 2],
  );
  close(loaded.predict(x) as tf.Tensor, [...(model.predict(x) as tf.Tensor).dataSync()], 6);
});

test('dropout: identity when not training, else a mask of (seed, step, model, layer) that keeps the mean', () => {
  const model = build((x) => dropout(0.25, 'drop')(x), [2000], 1, 'a');
  const other = build((x) => dropout(0.25, 'drop')(x), [2000], 1, 'b');
  const x = tf.ones([3, 2000]);
  expect(
    tf
      .equal(model.apply(x, { training: false }) as tf.Tensor, x)
      .all()
      .dataSync()[0],
  ).toBe(1);
  const draw = (from: tf.LayersModel, number: number): number[] => [
    ...step(() => from.apply(x, { training: true }) as tf.Tensor, [], number).dataSync(),
  ];
  const first = draw(model, 1);
  expect(new Set(first.map((v) => v.toFixed(4)))).toEqual(new Set(['0.0000', '1.3333']));
  expect(first.reduce((a, b) => a + b) / first.length).toBeCloseTo(1, 1);
  expect(draw(model, 1)).toEqual(first);
  expect(draw(model, 2)).not.toEqual(first);
  expect(draw(other, 1)).not.toEqual(first);
});

test('initial weights are a function of the seed and the layer name', () => {
  const kernel = (name: string, seed: number): number[] => [
    ...build((x) => dense(50, 'linear', name)(x), [200], seed)
      .weights[0]!.read()
      .dataSync(),
  ];
  const values = kernel('out', 3);
  expect(kernel('out', 3)).toEqual(values);
  expect(kernel('out', 4)).not.toEqual(values);
  expect(kernel('other', 3)).not.toEqual(values);
  const limit = Math.sqrt(6 / 250);
  expect(Math.max(...values.map(Math.abs))).toBeLessThan(limit);
  expect(values.reduce((a, v) => a + v * v, 0) / values.length).toBeCloseTo((limit * limit) / 3, 3);
});

test('misuse is an error that says what to do', () => {
  expect(() => dense(1)).toThrow(expect.objectContaining({ code: 'NN_NO_BUILD_CONTEXT' }));
  expect(() => build((x) => dense(1, 'linear', 'a')(dense(1, 'linear', 'a')(x)), [2])).toThrow(
    expect.objectContaining({ code: 'NN_LAYER_NAME_TAKEN' }),
  );
  const model = build((x) => batchNorm()(dropout(0.5)(x)), [2]);
  expect(() => model.apply(tf.ones([1, 2]), { training: true })).toThrow(
    expect.objectContaining({ code: 'NN_NO_STEP_CONTEXT' }),
  );
});

test('unnamed layers are numbered per model, so that names are equal in every process', () => {
  const model = (): string[] => build((x) => dense(1)(dense(2)(x)), [2]).weights.map((w) => w.originalName);
  expect(model()).toEqual(model());
  expect(model()).toContain('dense_1/kernel');
});

test('a model whose values are loaded afterwards draws none', () => {
  const x = tf.input({ shape: [4] });
  const kernelOf = (initial: 'drawn' | 'loaded'): Float32Array | Int32Array | Uint8Array => {
    const outputs = withBuildContext({ seed: 1, scope: 'head', initial }, () => dense(3)(x));
    return tf.model({ inputs: x, outputs }).getWeights()[0]!.dataSync();
  };
  expect([...kernelOf('loaded')]).toEqual(new Array(12).fill(0));
  expect(new Set(kernelOf('drawn')).size).toBe(12);
});
