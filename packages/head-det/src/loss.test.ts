import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { OBJECT_PRIOR_LOGIT } from './grid.js';
import { detLoss, type DetLossOptions } from './loss.js';

interface Case {
  readonly shape: number[];
  readonly targetShape: number[];
  readonly knownShape: [number, number];
  readonly output: number[];
  readonly target: number[];
  readonly known: number[];
  readonly loss: number;
  readonly gradient: number[];
}
const golden = JSON.parse(readFileSync(new URL('golden/loss.json', import.meta.url), 'utf8')) as Record<string, Case>;

beforeAll(() => tf.setBackend('cpu'));

test.each<[string, DetLossOptions]>([
  ['focal', { objectness: true, objectnessLoss: 'focal', coordScale: 5 }],
  ['bce', { objectness: true, objectnessLoss: 'bce', coordScale: 5 }],
  ['relu', { objectness: false, objectnessLoss: 'focal', coordScale: 5 }],
])('%s and its gradient equal PyTorch', (name, options) => {
  const { shape, targetShape, knownShape, output, target, known, ...expected } = golden[name]!;
  const { value, grad } = tf.valueAndGrad((raw) =>
    detLoss(raw, tf.tensor(target, targetShape), tf.tensor(known, knownShape), options),
  )(tf.tensor(output, shape));
  expect(value.dataSync()[0]! / expected.loss).toBeCloseTo(1, 5);
  grad.dataSync().forEach((g, i) => expect(g).toBeCloseTo(expected.gradient[i]!, 5));
});

/** One cell, one anchor. */
const single = (raw: number[], target: number[], options: Partial<DetLossOptions> = {}): number => {
  const loss = detLoss(tf.tensor(raw, [1, 1, 1, 1, raw.length]), tf.tensor(target, [1, 1, 1, 1, 6]), tf.ones([1, 1]), {
    objectness: true,
    objectnessLoss: 'bce',
    coordScale: 1,
    ...options,
  });
  return loss.dataSync()[0]!;
};

test('eq. 5 by hand: squared differences of cx, cy, l, w where a box is, nothing where none is', () => {
  // relu(raw + [.5, .5, 1, 1]) = [1, 0, 2, 0] against [.5, .5, 1, 1]: .25 + .25 + 1 + 1
  expect(single([0.5, -2, 1, -3], [0.5, 0.5, 1, 1, 1, 1], { objectness: false })).toBeCloseTo(2.5, 6);
  expect(single([0.5, -2, 1, -3], [0, 0, 0, 0, 0, 1], { objectness: false })).toBe(0);
});

test('an anchor that is not counted costs nothing, whatever its score', () => {
  expect(single([0, 0, 0, 0, 50], [0, 0, 0, 0, 0, 0])).toBe(0);
  expect(single([0, 0, 0, 0, 50], [0, 0, 0, 0, 0, 1])).toBeCloseTo(50 + OBJECT_PRIOR_LOGIT, 4);
});
