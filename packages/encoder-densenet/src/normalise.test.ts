import { validate } from '@multichexnet/core';
import { buildEncoder, testEngine } from '@multichexnet/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import type { DenseNetOptions } from './options.js';
import { densenet } from './plugin.js';

beforeAll(() => testEngine());

test.each([
  ['torch', 3, [(0.75 - 0.485) / 0.229, (0.75 - 0.456) / 0.224, (0.75 - 0.406) / 0.225]],
  ['torch', 1, [(0.75 - 0.449) / 0.226]],
  ['symmetric', 1, [0.5]],
  ['chest', 3, [(0.75 - 0.5056) / 0.252, (0.75 - 0.5056) / 0.252, (0.75 - 0.5056) / 0.252]],
] as const)('%s on %d channels maps a grey of 0.75', (normalise, channels, expected) => {
  const options = validate<DenseNetOptions>(
    densenet.options,
    { depth: 'small', size: 32, channels, normalise },
    { path: '', owner: 'densenet' },
  ).value;
  const { model } = buildEncoder(densenet.create(options, { seed: 1 }), { seed: 1 });
  const pixel = model.getLayer('normalise').apply(tf.fill([1, 1, 1, channels], 0.75)) as tf.Tensor;
  pixel.dataSync().forEach((value, c) => expect(value).toBeCloseTo(expected[c]!, 5));
  model.dispose();
});

test('unit leaves grey values alone, without a layer', () => {
  const options = validate<DenseNetOptions>(
    densenet.options,
    { depth: 'small', size: 32 },
    { path: '', owner: 'densenet' },
  ).value;
  const { model } = buildEncoder(densenet.create(options, { seed: 1 }), { seed: 1 });
  expect(model.layers.map(({ name }) => name)).not.toContain('normalise');
  model.dispose();
});
