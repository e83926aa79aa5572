import {
  encodeSafetensors,
  randomStream,
  validate,
  withBuildContext,
  type FeaturePyramid,
  type NamedTensor,
} from '@multichexnet/core';
import { testEngine } from '@multichexnet/testing';
import * as tf from '@tensorflow/tfjs';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { DenseNetOptions } from './options.js';
import { densenet } from './plugin.js';
import { torchName } from './torch-names.js';
import { importWeights } from './weights.js';

interface Level {
  readonly shape: [number, number, number, number];
  readonly mean: number;
  readonly deviation: number;
  readonly at: number[];
  readonly values: number[];
}
interface Golden {
  readonly [depth: string]: unknown;
  readonly levels: Level[];
}
const golden = JSON.parse(readFileSync(new URL('golden/torchvision.json', import.meta.url), 'utf8')) as Golden;

beforeAll(() => testEngine());

function build(given: object): { pyramid: FeaturePyramid; model: tf.LayersModel; weights: Map<string, tf.Variable> } {
  const options = validate<DenseNetOptions>(densenet.options, given, { path: '', owner: 'densenet' }).value;
  const encoder = densenet.create(options, { seed: 1 });
  const image = tf.input({ shape: [encoder.inputSize, encoder.inputSize, encoder.inputChannels] });
  const pyramid = withBuildContext({ seed: 1, scope: 'encoder' }, () => encoder.build(image));
  const model = tf.model({ inputs: image, outputs: pyramid.levels.map(({ tensor }) => tensor) });
  return { pyramid, model, weights: new Map(model.weights.map((w) => [w.originalName, w.read() as tf.Variable])) };
}

/** Shape of our weight as PyTorch has it. */
const torchShape = (shape: readonly number[]): number[] =>
  shape.length === 4 ? [shape[3]!, shape[2]!, shape[0]!, shape[1]!] : [...shape];

/** The weights of tools/golden/model.py: a function of the torch name alone. */
function formulaWeights(weights: ReadonlyMap<string, tf.Variable>): Record<string, NamedTensor> {
  const tensors: Record<string, NamedTensor> = {};
  for (const [ours, variable] of weights) {
    const { name } = torchName(ours)!;
    const shape = torchShape(variable.shape);
    const { uniform } = randomStream(1, name);
    const limit = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
    const positive = name.endsWith('weight') || name.endsWith('running_var');
    const value = (u: number): number =>
      shape.length === 4 ? (2 * u - 1) * limit : positive ? 0.5 + u : (u - 0.5) / 2;
    tensors[name] = { shape, data: Float32Array.from({ length: variable.size }, (_, i) => value(uniform(i))) };
  }
  return tensors;
}

test('DenseNet-121 with torchvision’s weights gives torchvision’s features at every level', () => {
  const { pyramid, model, weights } = build({ depth: 121, size: 64 });
  const tensors = formulaWeights(weights);
  const report = importWeights(pyramid, {
    ...tensors,
    'classifier.weight': { shape: [1, 1], data: new Float32Array(1) },
  });
  expect(report).toMatchObject({ convention: 'torch', unused: ['classifier.weight'] });
  expect(report.matched).toHaveLength(604);
  const { uniform } = randomStream(2, 'image');
  const image = tf.tensor(
    Float32Array.from({ length: 2 * 64 * 64 * 3 }, (_, i) => uniform(i)),
    [2, 64, 64, 3],
  );
  const levels = model.predict(image) as tf.Tensor[];
  levels.forEach((level, l) => {
    const expected = golden.levels[l]!;
    expect(level.shape).toEqual(expected.shape);
    const { mean, variance } = tf.moments(level);
    expect(Math.abs(mean.dataSync()[0]! - expected.mean)).toBeLessThan(1e-4 * expected.deviation);
    expect(Math.sqrt(variance.dataSync()[0]!) / expected.deviation).toBeCloseTo(1, 4);
    const values = level.dataSync();
    expected.at.forEach((at, i) =>
      expect(Math.abs(values[at]! - expected.values[i]!), `level ${l} at ${at}`).toBeLessThan(
        1e-4 * Math.max(expected.deviation, Math.abs(expected.values[i]!)),
      ),
    );
  });
  model.dispose();
});

test.each([121, 169, 201])('DenseNet-%d has exactly torchvision’s weight names and shapes', (depth) => {
  const { model, weights } = build({ depth, size: 64 });
  const lines = [...weights]
    .map(([ours, variable]) => `${torchName(ours)!.name} [${torchShape(variable.shape).join(', ')}]`)
    .sort();
  expect({
    weights: lines.length,
    parameters: model.countParams(),
    sha256: createHash('sha256').update(lines.join('\n')).digest('hex'),
  }).toEqual(golden[depth]);
  model.dispose();
});

const small = () => build({ depth: 'small', size: 32, channels: 3 });
const valuesOf = (weights: ReadonlyMap<string, tf.Variable>): Record<string, NamedTensor> =>
  Object.fromEntries(
    [...weights].map(([name, variable]) => [
      name,
      { shape: variable.shape, data: Float32Array.from(variable.dataSync(), (v) => v + 1) },
    ]),
  );

test('names of our own and of old Keras are read from a safetensors file named in the options', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weights-'));
  try {
    const source = small();
    const tensors = valuesOf(source.weights);
    const file = join(folder, 'encoder.safetensors');
    const old = Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name.replace(/^conv1_/, 'conv1/'), tensor]),
    );
    for (const content of [tensors, old]) {
      writeFileSync(file, encodeSafetensors(content));
      const loaded = build({ depth: 'small', size: 32, channels: 3, weights: file });
      for (const [name, variable] of loaded.weights) expect(variable.dataSync(), name).toEqual(tensors[name]!.data);
    }
    expect(() => build({ depth: 'small', size: 32, weights: join(folder, 'none') })).toThrow(
      expect.objectContaining({ code: 'ENCODER_WEIGHTS_FILE' }),
    );
    writeFileSync(file, 'no weights at all');
    expect(() => build({ depth: 'small', size: 32, weights: file })).toThrow(
      expect.objectContaining({ code: 'WEIGHTS_CORRUPT' }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('missing, unexpected and misshapen weights are errors, and then nothing is written', () => {
  const { pyramid, weights } = small();
  const tensors = valuesOf(weights);
  const before = weights.get('bn/gamma')!.dataSync();
  const { 'bn/beta': _, ...incomplete } = tensors;
  expect(() => importWeights(pyramid, incomplete)).toThrow(
    expect.objectContaining({
      code: 'ENCODER_WEIGHTS_MISSING',
      message: expect.stringContaining('"bn/beta"') as string,
    }),
  );
  expect(() => importWeights(pyramid, { ...tensors, extra: tensors['bn/beta']! })).toThrow(
    expect.objectContaining({ code: 'ENCODER_WEIGHTS_UNEXPECTED' }),
  );
  expect(() => importWeights(pyramid, { ...tensors, 'bn/beta': { shape: [3], data: new Float32Array(3) } })).toThrow(
    expect.objectContaining({ code: 'ENCODER_WEIGHTS_SHAPE' }),
  );
  expect(weights.get('bn/gamma')!.dataSync()).toEqual(before);
});

test('keys of wrappers and of torchvision’s first releases are understood', () => {
  const { pyramid, weights } = build({ depth: 121, size: 32 });
  const tensors = formulaWeights(weights);
  const old = Object.fromEntries(
    Object.entries(tensors).map(([key, tensor]) => [
      `module.densenet121.${key.replace(/\b(norm|conv)([12])\./, '$1.$2.')}`,
      tensor,
    ]),
  );
  expect(Object.keys(old)).toContain('module.densenet121.features.denseblock1.denselayer1.norm.1.weight');
  expect(importWeights(pyramid, old).matched).toHaveLength(604);
});

test('a stem of three channels summed for one gives the same features on grey images', () => {
  const three = build({ depth: 'small', size: 32, channels: 3, normalise: 'unit' });
  const one = build({ depth: 'small', size: 32, channels: 1, normalise: 'unit' });
  importWeights(one.pyramid, valuesOf(three.weights));
  importWeights(three.pyramid, valuesOf(three.weights));
  const grey = tf.randomUniform([1, 32, 32, 1], 0, 1, 'float32', 1);
  const [a, b] = [
    one.model.predict(grey) as tf.Tensor[],
    three.model.predict(tf.tile(grey, [1, 1, 1, 3])) as tf.Tensor[],
  ];
  expect(tf.max(tf.abs(tf.sub(a[0]!, b[0]!))).dataSync()[0]).toBeLessThan(1e-4);
});
