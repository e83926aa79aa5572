import { validate, withBuildContext, type FeaturePyramid } from '@multichexnet/core';
import { buildEncoder, namedVariables, testEngine } from '@multichexnet/testing';
import * as tf from '@tensorflow/tfjs';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import type { DenseNetOptions } from './options.js';
import { densenet } from './plugin.js';

interface Topology {
  readonly layers: number;
  readonly classes: Record<string, number>;
  readonly parameters: number;
  /** Name -> sides joined by x. */
  readonly weights: Record<string, string>;
}
const golden = JSON.parse(readFileSync(new URL('golden/keras-densenet121.json', import.meta.url), 'utf8')) as Topology;
const FULL_GRAPH = new URL('../../../../shared/data/densenet121_keras_topology/model.json.gz', import.meta.url);

beforeAll(() => testEngine());

const create = (given: object) =>
  densenet.create(validate<DenseNetOptions>(densenet.options, given, { path: '', owner: 'densenet' }).value, {
    seed: 1,
  });

/** DenseNet-121 with ImageNet's classifier on top, as Keras' `include_top`. */
function withTop(): tf.LayersModel {
  const image = tf.input({ shape: [224, 224, 3] });
  const { deepest }: FeaturePyramid = withBuildContext({ seed: 1, scope: 'encoder' }, () =>
    create({ depth: 121, size: 224, normalise: 'unit' }).build(image),
  );
  const pooled = tf.layers.globalAveragePooling2d({ name: 'avg_pool' }).apply(deepest) as tf.SymbolicTensor;
  const top = tf.layers.dense({ units: 1000, activation: 'softmax', name: 'predictions', kernelInitializer: 'zeros' });
  return tf.model({ inputs: image, outputs: top.apply(pooled) as tf.SymbolicTensor });
}

const classCounts = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(names)].sort().map((name) => [name, names.filter((other) => other === name).length]));

test('Keras’ 429 layers: classes, 606 weight names and shapes, 8,062,504 parameters', () => {
  const model = withTop();
  expect(model.layers).toHaveLength(429);
  expect(classCounts(model.layers.map((layer) => layer.getClassName()))).toEqual(golden.classes);
  const weights = Object.fromEntries(model.weights.map((weight) => [weight.originalName, weight.shape.join('x')]));
  expect(weights).toEqual(golden.weights);
  expect(Object.keys(weights)).toHaveLength(606);
  expect(model.countParams()).toBe(8_062_504);
  model.dispose();
});

interface KerasLayer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Record<string, unknown>;
  readonly inbound_nodes: [[string, ...unknown[]][]] | [];
}

test('the whole graph equals Keras’: every layer, its settings and its inputs', (context) => {
  if (!existsSync(FULL_GRAPH)) context.skip('skipped: real data not found');
  const graph = JSON.parse(gunzipSync(readFileSync(FULL_GRAPH)).toString()) as {
    modelTopology: { model_config: { config: { layers: KerasLayer[] } } };
  };
  const modern = (name: string): string =>
    name
      .replace('/', '_')
      .replace(/^zero_padding2d_4$/, 'conv1_pad')
      .replace(/^zero_padding2d_5$/, 'pool1_pad');
  const settings = [
    'filters',
    'strides',
    'padding',
    'use_bias',
    'epsilon',
    'activation',
    'pool_size',
    'kernel_size',
    'momentum',
    'units',
  ];
  const describe = (name: string, kind: string, config: Record<string, unknown>, inputs: string[]): unknown => ({
    name,
    kind,
    inputs,
    ...Object.fromEntries(settings.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]]))),
  });
  const theirs = graph.modelTopology.model_config.config.layers
    .filter(({ class_name: kind }) => kind !== 'InputLayer')
    .map((layer) =>
      describe(
        modern(layer.name),
        layer.class_name,
        layer.config,
        (layer.inbound_nodes[0] ?? [])
          .map(([name]) => modern(name))
          .map((name) => (name === 'input_3' ? 'image' : name)),
      ),
    );
  const model = withTop();
  const input = model.inputLayers[0]!.name;
  const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const ours = model.layers
    .filter((layer) => layer.getClassName() !== 'InputLayer')
    .map((layer) => {
      const config = Object.fromEntries(Object.entries(layer.getConfig()).map(([key, value]) => [snake(key), value]));
      const from = layer.inboundNodes[0]!.inboundLayers.map(({ name }) => (name === input ? 'image' : name));
      return describe(layer.name, layer.getClassName(), config, from);
    });
  const byName = (list: unknown[]) => new Map(list.map((entry) => [(entry as { name: string }).name, entry]));
  expect(byName(ours)).toEqual(byName(theirs));
  model.dispose();
});

test('levels at 256 pixels: 64x64x256, 32x32x512, 16x16x1024, 8x8x1024; 7,037,504 parameters', () => {
  const { model, levels } = buildEncoder(create({}), { seed: 1 });
  expect(levels.map(({ name, stride, shape }) => [name, stride, ...shape])).toEqual([
    ['conv2_block6_concat', 4, 64, 64, 256],
    ['conv3_block12_concat', 8, 32, 32, 512],
    ['conv4_block24_concat', 16, 16, 16, 1024],
    ['relu', 32, 8, 8, 1024],
  ]);
  expect(model.countParams()).toBe(7_037_504);
  expect(Object.keys(namedVariables(model))).toHaveLength(604);
  model.dispose();
});
