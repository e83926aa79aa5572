import {
  createInference,
  defineHead,
  inferenceNetwork,
  ModelPool,
  PluginRegistry,
  validate,
  type Choice,
  type HeadModule,
  type OptionsSchema,
  type PreparedImage,
} from '@multichexnet/core';
import { densenet } from '@multichexnet/encoder-densenet';
import { cls } from '@multichexnet/head-cls';
import { det } from '@multichexnet/head-det';
import { seg } from '@multichexnet/head-seg';
import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, test } from 'vitest';
import { encodeModel, networkModel, openNetwork, outputNames, type OnnxModel } from './index.js';
import { compare, noise, useBoth } from './testing/against-engine.js';

const { engine, runtime } = useBoth();
const registry = new PluginRegistry({ heads: [cls, det, seg], encoders: [densenet], datasets: [] });
const plugins = { cls, det, seg };
const anchors = [[20, 30], [40, 40]]; // prettier-ignore

function choice(plugin: { readonly kind: string; readonly options: OptionsSchema }, given: object): Choice {
  return { kind: plugin.kind, ...validate<object>(plugin.options, given, { path: '', owner: plugin.kind }).value };
}

interface Built {
  readonly pool: ModelPool;
  readonly heads: HeadModule[];
}

let built: Built | undefined;
afterEach(() => {
  built?.pool.dispose();
  built = undefined;
});

/** A network whose statistics are those of no new network: moving means and variances come from noise. */
function build(encoder: object, options: Partial<Record<keyof typeof plugins, object>>): Built {
  const pool = new ModelPool(engine(), registry, choice(densenet, encoder), 1);
  const heads = Object.entries(options).map(([name, given]) => pool.head(name, choice(plugins[name as 'cls'], given)));
  for (const { parameters } of [pool.encoder, ...heads])
    parameters.forEach(({ trainable, name, variable }, i) => {
      if (trainable && !/bias|beta$/.test(name)) return;
      const values = noise(variable.size, i + 1).map((value) =>
        name.endsWith('variance') ? 0.75 + value / 4 : value / 4,
      );
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    });
  return (built = { pool, heads });
}

const images = (batch: number, size: number): tf.Tensor4D => tf.tensor4d(noise(batch * size * size).map(Math.abs), [batch, size, size, 1]); // prettier-ignore
const count = ({ nodes }: OnnxModel, type: string): number => nodes.filter((node) => node.type === type).length;

test('the small encoder with a classifier', async () => {
  const { pool, heads } = build({ depth: 'small', size: 64 }, { cls: {} });
  const network = inferenceNetwork(pool.encoder, heads);
  const { difference, model } = await compare((x: tf.Tensor) => network([x]), [images(2, 64)], 3);
  expect(difference).toBeLessThan(1e-5);
  // Grey images and global pooling: nothing is ever turned.
  expect([count(model, 'Transpose'), count(model, 'Conv')]).toEqual([0, 9]);
});

test('DenseNet-121 with three heads: rounding of 121 layers, one transposition', async () => {
  const { pool, heads } = build({ depth: 121, size: 64 }, { cls: {}, det: { anchors }, seg: {} });
  const network = inferenceNetwork(pool.encoder, heads);
  const { difference, largest, model } = await compare((x: tf.Tensor) => network([x]), [images(2, 64)], 3);
  expect(difference / largest).toBeLessThan(1e-5);
  expect(count(model, 'Transpose')).toBeLessThanOrEqual(1);
  // The stem's two edges are its convolution's and its pooling's own.
  expect(count(model, 'Pad')).toBe(0);
  // Every batch norm that follows a convolution is in its weights; those in front of a relu stay: 62 of the encoder, 9 + 3 of the up path's blocks.
  expect(count(model, 'BatchNormalization')).toBeLessThan(80);
});

test.each([
  ['normalise symmetric, one channel', { normalise: 'symmetric', channels: 1 }, { cls: { classes: ['a'], hidden: 4 } }],
  [
    'normalise chest, three channels',
    { normalise: 'chest', channels: 3 },
    { cls: {}, det: { anchors, objectness: false, stride: 8 } },
  ],
  ['boxes on a finer level, few channels', {}, { det: { anchors: [[8, 8]], channels: 8, stride: 4 } }],
  ['masks without the finest skips', {}, { seg: { finest: 8, layers: 1, growth: 4 } }],
  ['masks with every skip', { normalise: 'torch', channels: 3 }, { seg: { layers: 2, growth: 3, loss: 'dice' } }],
])('options: %s', async (_, encoder, options) => {
  const { pool, heads } = build({ depth: 'small', size: 64, ...encoder }, options);
  const network = inferenceNetwork(pool.encoder, heads);
  expect((await compare((x: tf.Tensor) => network([x]), [images(2, 64)], 3)).difference).toBeLessThan(2e-5);
});

/** The layers of tfjs that networks are made of, with weights of noise, as somebody else's head might use them. */
const layers = defineHead({
  kind: 'layers',
  apiVersion: 1,
  options: { type: 'object', properties: {}, additionalProperties: false } as const,
  label: () => undefined as number | undefined,
  create: () => ({
    build: ({ levels }) => {
      const { conv2d, separableConv2d, depthwiseConv2d, conv2dTranspose, upSampling2d, cropping2D, zeroPadding2d } =
        tf.layers;
      const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor =>
        layer.apply(x) as tf.SymbolicTensor;
      const random = {
        kernelInitializer: 'heNormal',
        biasInitializer: tf.initializers.randomNormal({ stddev: 0.1 }),
      } as const;
      const chain = (start: tf.SymbolicTensor, ...all: tf.layers.Layer[]): tf.SymbolicTensor => all.reduce((x, layer) => apply(layer, x), start); // prettier-ignore
      const fine = levels[0]!.tensor; // [b, 32, 32, 24]
      const a = chain(
        fine,
        conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'same', activation: 'elu', ...random }),
        tf.layers.batchNormalization({ gammaInitializer: 'randomUniform', betaInitializer: 'randomUniform' }),
        separableConv2d({
          filters: 5,
          kernelSize: 3,
          activation: 'selu',
          depthwiseInitializer: 'heNormal',
          pointwiseInitializer: 'heNormal',
        }),
        zeroPadding2d({ padding: [[1, 1], [1, 1]] }), // prettier-ignore
        depthwiseConv2d({
          kernelSize: 3,
          padding: 'same',
          depthMultiplier: 2,
          activation: 'tanh',
          depthwiseInitializer: 'heNormal',
        }),
        upSampling2d({ size: [2, 2], interpolation: 'bilinear' }),
        cropping2D({ cropping: [[2, 2], [1, 3]] }), // prettier-ignore
      ); // [b, 28, 28, 10]
      const b = chain(
        fine,
        tf.layers.averagePooling2d({ poolSize: 2 }),
        conv2dTranspose({ filters: 10, kernelSize: 3, strides: 2, ...random }), // valid: [b, 33, 33, 10]
        cropping2D({ cropping: [[2, 3], [2, 3]] }), // prettier-ignore
        tf.layers.leakyReLU({ alpha: 0.2 }),
        tf.layers.prelu({ alphaInitializer: 'randomUniform', sharedAxes: [1, 2] }),
      );
      const sum = tf.layers.add().apply([a, b]) as tf.SymbolicTensor;
      const gate = chain(
        sum,
        tf.layers.globalMaxPooling2d({}),
        tf.layers.dense({ units: 10, activation: 'hardSigmoid', ...random }),
        tf.layers.reshape({ targetShape: [1, 1, 10] }),
      );
      const gated = tf.layers.multiply().apply([sum, gate]) as tf.SymbolicTensor;
      const dense = chain(
        gated,
        tf.layers.permute({ dims: [3, 1, 2] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 8, activation: 'softplus', ...random }),
        tf.layers.batchNormalization({ movingMeanInitializer: 'randomUniform' }),
        tf.layers.layerNormalization(),
        tf.layers.repeatVector({ n: 3 }),
        tf.layers.dense({ units: 4, activation: 'softmax', ...random }),
      ); // [b, 3, 4]
      return [dense, gated];
    },
    encode: () => [0],
    loss: ([output]) => tf.mean<tf.Scalar>(output),
    decode: () => ({}),
    metrics: [],
  }),
});

test('the usual layers of tfjs, for batches of any size', async () => {
  const registry = new PluginRegistry({ heads: [layers], encoders: [densenet], datasets: [] });
  const pool = new ModelPool(engine(), registry, choice(densenet, { depth: 'small', size: 64 }), 1);
  built = { pool, heads: [pool.head('layers', choice(layers, {}))] };
  const network = inferenceNetwork(pool.encoder, built.heads);
  const { difference, model } = await compare((x: tf.Tensor) => network([x]), [images(2, 64)], 3);
  expect(difference).toBeLessThan(2e-5);
  expect(model.inputs[0]?.dims[0]).toBe('batch');
  expect(model.outputs.map(({ dims }) => dims)).toEqual([['batch', 3, 4], ['batch', 28, 28, 10]]); // prettier-ignore
});

const prepared = (n: number, size: number): PreparedImage[] =>
  Array.from({ length: n }, (_, i) => ({
    sample: {
      id: String(i),
      dataset: 'noise',
      image: '',
      patient: { key: '' },
      labels: { findings: {} },
      split: 'test',
    },
    pixels: Uint8Array.from(noise(size * size, i + 1), (value) => Math.floor((value + 1) * 127.9)),
    ...{ size, width: size, height: size },
  }));

test('inference gives what the engine gives, without the engine, in batches', async () => {
  const { pool, heads } = build(
    { depth: 'small', size: 64 },
    { cls: { classes: ['a', 'b'] }, det: { anchors }, seg: {} },
  );
  const seven = prepared(7, 64);
  const inEngine = createInference(engine(), pool.encoder, heads, 3);
  const wanted = await inEngine.run(seven);
  inEngine.dispose();
  const inference = await openNetwork(
    runtime(),
    { engine: engine(), encoder: pool.encoder, heads },
    { batchSize: 3, threads: 1 },
  );
  pool.dispose();
  built = undefined;
  const got = await inference.run(seven);
  inference.dispose();
  expect(got.map(Object.keys)).toEqual(wanted.map(Object.keys));
  got.forEach((outputs, i) => {
    for (const head of ['cls', 'det', 'seg'])
      (outputs[head]?.[0] as Float32Array).forEach((value, k) => {
        expect(Math.abs(value - (wanted[i]?.[head]?.[0] as Float32Array)[k]!)).toBeLessThan(1e-5);
      });
  });
});

test('one class is a number a sample, as in the engine', async () => {
  const { pool, heads } = build({ depth: 'small', size: 32 }, { cls: { classes: ['a'], hidden: 4 } });
  const inference = await openNetwork(runtime(), { engine: engine(), encoder: pool.encoder, heads }, { batchSize: 2 });
  const outputs = await inference.run(prepared(3, 32));
  expect(outputs.map(({ cls: values }) => typeof values?.[0])).toEqual(['number', 'number', 'number']);
  inference.dispose();
});

test('outputs are named by head and layer; the file is the same whatever was built before', () => {
  const bytes = (): Uint8Array => {
    const { pool, heads } = build({ depth: 'small', size: 32 }, { cls: {}, det: { anchors }, seg: {} });
    expect(outputNames(heads)).toEqual(['cls/decision', 'det/boxes', 'seg/decision']);
    const model = networkModel({ engine: engine(), encoder: pool.encoder, heads, metadata: { run: 'a' } });
    expect(model.outputs.map(({ dims }) => dims)).toEqual([['batch', 14], ['batch', 2, 2, 2, 5], ['batch', 32, 32, 1]]); // prettier-ignore
    pool.dispose();
    return encodeModel(model);
  };
  const first = bytes();
  expect(Buffer.compare(bytes(), first)).toBe(0);
  built = undefined;
});
