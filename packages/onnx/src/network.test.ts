import {
  inferenceNetwork,
  ModelPool,
  PluginRegistry,
  validate,
  type Choice,
  type OptionsSchema,
} from '@multichexnet/core';
import { densenet } from '@multichexnet/encoder-densenet';
import { cls } from '@multichexnet/head-cls';
import { det } from '@multichexnet/head-det';
import { seg } from '@multichexnet/head-seg';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { compare, noise, useBoth } from './testing/against-engine.js';

const { engine } = useBoth();

function choice(plugin: { readonly kind: string; readonly options: OptionsSchema }, given: object): Choice {
  return { kind: plugin.kind, ...validate<object>(plugin.options, given, { path: '', owner: plugin.kind }).value };
}

const registry = new PluginRegistry({ heads: [cls, det, seg], encoders: [densenet], datasets: [] });
const anchors = [
  [20, 30],
  [40, 40],
];

test('the small encoder with a classifier gives the same in both', async () => {
  const pool = new ModelPool(engine(), registry, choice(densenet, { depth: 'small', size: 64 }), 1);
  const heads = [pool.head('cls', choice(cls, {}))];
  const network = inferenceNetwork(pool.encoder, heads);
  const image = tf.tensor(noise(2 * 64 * 64).map(Math.abs), [2, 64, 64, 1]);
  const { difference } = await compare((x: tf.Tensor) => network([x]), [image], 3);
  expect(difference).toBeLessThan(1e-5);
  pool.dispose();
});

test('DenseNet-121 with three heads', async () => {
  const pool = new ModelPool(engine(), registry, choice(densenet, { depth: 121, size: 64 }), 1);
  const heads = [
    pool.head('cls', choice(cls, {})),
    pool.head('det', choice(det, { anchors })),
    pool.head('seg', choice(seg, {})),
  ];
  const network = inferenceNetwork(pool.encoder, heads);
  const image = tf.tensor(noise(2 * 64 * 64).map(Math.abs), [2, 64, 64, 1]);
  const { difference, model } = await compare((x: tf.Tensor) => network([x]), [image], 3);
  const counts: Record<string, number> = {};
  for (const n of model.nodes) counts[n.type] = (counts[n.type] ?? 0) + 1;
  expect(counts['Transpose']).toBeLessThanOrEqual(2);
  expect(difference).toBeLessThan(1e-4);
  pool.dispose();
});
