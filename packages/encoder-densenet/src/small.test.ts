import { buildEncoder } from '@multichexnet/testing';
import { validate } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import type { DenseNetOptions } from './options.js';
import { densenet } from './plugin.js';

beforeAll(() => tf.setBackend('cpu'));

const create = (given: object) =>
  densenet.create(validate<DenseNetOptions>(densenet.options, given, { path: '', owner: 'densenet' }).value, {
    seed: 1,
  });

test('the small sibling: strides 2, 4, 8, 16 on 64 pixels, one grey channel, few parameters', () => {
  const { levels, model, inputChannels } = buildEncoder(create({ depth: 'small', size: 64 }), { seed: 1 });
  expect(inputChannels).toBe(1);
  expect(levels.map(({ name, stride, shape }) => [name, stride, ...shape])).toEqual([
    ['conv1_relu', 2, 32, 32, 24],
    ['conv2_block2_concat', 4, 16, 16, 56],
    ['conv3_block2_concat', 8, 8, 8, 60],
    ['relu', 16, 4, 4, 62],
  ]);
  expect(model.countParams()).toBeLessThan(40_000);
});

test('a size that does not halve down to the deepest level is refused with the nearest ones', () => {
  expect(() => create({ depth: 121, size: 250 })).toThrow(expect.objectContaining({ code: 'ENCODER_SIZE' }));
  expect(() => create({ depth: 121, size: 250 })).toThrow(/try 224 or 256/);
});

test('a file of weights that is not there is refused before anything is built', () => {
  expect(() => create({ depth: 'small', size: 64, weights: 'none.safetensors' })).toThrow(
    expect.objectContaining({
      code: 'ENCODER_WEIGHTS_FILE',
      place: { file: 'none.safetensors', path: 'model.encoder.weights' },
    }),
  );
});
