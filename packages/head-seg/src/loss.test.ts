import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { segLoss } from './loss.js';

interface Case {
  readonly shape: number[];
  readonly knownShape: [number, number];
  readonly output: number[];
  readonly target: number[];
  readonly known: number[];
  readonly loss: number;
  readonly gradient: number[];
}
const kinds = ['bce', 'dice', 'bce+dice'] as const;
const golden = JSON.parse(readFileSync(new URL('golden/loss.json', import.meta.url), 'utf8')) as Record<string, Case>;

beforeAll(() => tf.setBackend('cpu'));

test.each(kinds)('%s and its gradient equal PyTorch', (kind) => {
  const { shape, knownShape, output, target, known, ...expected } = golden[kind]!;
  const { value, grad } = tf.valueAndGrad((logits) =>
    segLoss(logits, tf.tensor(target, shape), tf.tensor(known, knownShape), kind),
  )(tf.tensor(output, shape));
  expect(value.dataSync()[0]).toBeCloseTo(expected.loss, 5);
  grad.dataSync().forEach((g, i) => expect(g).toBeCloseTo(expected.gradient[i]!, 6));
});

const loss = (kind: (typeof kinds)[number], logit: number, target: number[]): number =>
  segLoss(tf.fill([1, 2, 2, 1], logit), tf.tensor(target, [1, 2, 2, 1]), tf.ones([1, 1]), kind).dataSync()[0]!;

test('by hand: a flat probability of one half', () => {
  expect(loss('bce', 0, [1, 0, 0, 0])).toBeCloseTo(Math.log(2), 6);
  expect(loss('dice', 0, [1, 0, 0, 0])).toBeCloseTo(1 - (2 * 0.5 + 1) / (2 + 1 + 1), 6); // per image, not per pixel
});

test('an empty mask predicted empty costs nothing, and logits of any size stay finite', () => {
  for (const kind of kinds) {
    expect(loss(kind, -200, [0, 0, 0, 0])).toBeCloseTo(0, 6);
    expect(loss(kind, 1e4, [0, 0, 0, 0])).toSatisfy(Number.isFinite);
  }
});
