import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { binaryCrossEntropy, huber, maskedMean } from './losses.js';

interface Case {
  readonly shape: [number, number];
  readonly knownShape: [number, number];
  readonly output: number[];
  readonly target: number[];
  readonly known: number[];
  readonly loss: number;
  readonly gradient: number[];
}
const golden = JSON.parse(readFileSync(new URL('golden/losses.json', import.meta.url), 'utf8')) as Record<string, Case>;
type Loss = (output: tf.Tensor, target: tf.Tensor, known: tf.Tensor) => tf.Scalar;

beforeAll(() => tf.setBackend('cpu'));

test.each<[string, Loss]>([
  ['logits', binaryCrossEntropy],
  ['logitsByRow', binaryCrossEntropy],
  ['probabilities', (o, t, k) => binaryCrossEntropy(o, t, k, { from: 'probabilities' })],
  ['huber', huber],
  ['huberNarrow', (o, t, k) => huber(o, t, k, 0.5)],
])('%s and its gradient equal PyTorch', (name, loss) => {
  const { shape, knownShape, output, target, known, ...expected } = golden[name]!;
  const { value, grad } = tf.valueAndGrad((o) => loss(o, tf.tensor(target, shape), tf.tensor(known, knownShape)))(
    tf.tensor(output, shape),
  );
  expect(value.dataSync()[0]).toBeCloseTo(expected.loss, 5);
  grad
    .dataSync()
    .forEach((g, i) => expect(Math.abs(g - expected.gradient[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(g))));
});

test('nothing known is a loss of 0 with a gradient of 0, also for outputs that are far off', () => {
  const { value, grad } = tf.valueAndGrad((o) => binaryCrossEntropy(o, tf.zeros([2, 2]), tf.zeros([2, 1])))(
    tf.tensor([
      [1e30, -1e30],
      [3, 0],
    ]),
  );
  expect(value.dataSync()[0]).toBe(0);
  expect([...grad.dataSync()].map(Math.abs)).toEqual([0, 0, 0, 0]);
});

test('a column of known rows masks a map of any rank', () => {
  const mean = maskedMean(tf.tensor([1, 2, 3, 4, 50, 60, 70, 80], [2, 2, 2, 1]), tf.tensor([[1], [0]]));
  expect(mean.dataSync()[0]).toBe(2.5);
});
