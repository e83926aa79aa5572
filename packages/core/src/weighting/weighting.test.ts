import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../train/step-history.js';
import { createWeighting } from './create-weighting.js';
import { fitWeighting } from './create-weighting.js';
import { dwa } from './dwa.js';
import { gradNorm } from './grad-norm.js';
import { pcGrad } from './pc-grad.js';
import { uncertainty } from './uncertainty.js';
import type { Given, HostPlace, Weighting } from './weighting.js';

const scalars = (...values: number[]): tf.Scalar[] => values.map((value) => tf.scalar(value));
const given = (host: readonly number[] = [], numbers: readonly number[] = []): Given => ({
  host: tf.tensor1d([...host], 'float32'),
  numbers: scalars(...numbers),
});
const place = (more: Partial<HostPlace>): HostPlace => ({
  history: [],
  tasks: ['a@x', 'b@x'],
  seed: 1,
  step: 0,
  ...more,
});
const gramOf = (rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(rows.map((a) => rows.map((b) => a.reduce((sum, value, i) => sum + value * b[i]!, 0))));
const combine = (weighting: Weighting, gradients: number[][], losses: number[], own: Given) =>
  weighting.combine!({ losses: scalars(...losses), gram: gramOf(gradients) }, own);
const expectClose = (got: ArrayLike<number>, wanted: readonly number[]): void => {
  expect(got).toHaveLength(wanted.length);
  wanted.forEach((value, i) => expect(Math.abs(got[i]! - value)).toBeLessThan(1e-5));
};

test('uncertainty: half the precision times the loss, plus half the log variance', () => {
  const { total, start } = uncertainty();
  expect(start).toBe(-0.5);
  expectClose(total(scalars(2, 3), given([], [0, Math.log(4)])).dataSync(), [2 / 2 + 3 / 8 + Math.log(4) / 2]);
});

test.each([
  [20, 10],
  [100, 10],
  [300, 30],
  [996, 100],
  [20_000, 100],
])('dwa: a training of %i steps has windows of %i by default', (steps, every) => {
  expect(fitWeighting({ kind: 'dwa', temperature: 2 }, steps)).toEqual({ kind: 'dwa', temperature: 2, every });
  expect(fitWeighting({ kind: 'dwa', temperature: 2, every: 7 }, steps)).toMatchObject({ every: 7 });
  expect(fitWeighting({ kind: 'static' }, steps)).toEqual({ kind: 'static' });
});

test('dwa: the loss that fell less weighs more, from the means of the last two windows', () => {
  const { host, total } = dwa({ temperature: 2, every: 2 });
  const history = [
    [1, 1],
    [3, 1],
    [1, 2],
    [1, 0],
    [9, 9],
  ].map(([a, b], step): HistoryEntry => ({ step, total: 0, 'a@x': a!, 'b@x': b! }));
  expect(host!(place({ history: history.slice(0, 3), step: 3 }))).toEqual([1, 1]);
  const [p, q] = [Math.exp(0.5 / 2), Math.exp(1 / 2)];
  const weights = [(2 * p) / (p + q), (2 * q) / (p + q)];
  for (const step of [4, 5]) expectClose(host!(place({ history: history.slice(0, step), step })), weights);
  expectClose(total(scalars(2, 3), given(weights)).dataSync(), [2 * weights[0]! + 3 * weights[1]!]);
  const unseen = history.map(({ 'b@x': _, ...entry }) => entry);
  expect(host!(place({ history: unseen, step: 5 }))).toEqual([1, 1]);
});

test('gradnorm: equal weights at the start; the task that trains faster than the mean loses weight', () => {
  const weighting = gradNorm({ alpha: 1 });
  expect(
    weighting.host!(
      place({
        history: [
          { step: 0, 'a@x': 4 },
          { step: 1, 'a@x': 3, 'b@x': 2 },
        ],
      }),
    ),
  ).toEqual([4, 2]);
  // Norms 3 and 4; losses at 1/2 and 1 of their start: rates 2/3 and 4/3 of the mean; targets 3.5 * (2/3, 4/3) = (7/3, 14/3).
  const { shares, numbers } = combine(
    weighting,
    [
      [3, 0],
      [0, 4],
    ],
    [2, 2],
    given([4, 2], [1, 1]),
  );
  expectClose(shares.dataSync(), [1, 1]);
  // Slopes +3 and -4 in the weights; through the softmax of two equal logits (s - mean s), halved over T: 3.5 and -3.5.
  expectClose(numbers!.dataSync(), [3 - (3 - 4) / 2, -4 - (3 - 4) / 2]);
});

test('pcgrad: gradients that conflict lose what is against each other, others stay', () => {
  const shares = (...rows: number[][]): number[] => [
    ...combine(pcGrad(), rows, [1, 1], given([1, 0])).shares.dataSync(),
  ];
  expectClose(shares([1, 0], [-1, 1]), [2, 1.5]);
  expectClose(shares([1, 0], [1, 1]), [1, 1]);
  expectClose(shares([1, 0], [0, 0]), [1, 1]);
});

test('pcgrad draws an order of the other tasks for each, pure in (seed, step)', () => {
  const { host } = pcGrad();
  const tasks = ['a@x', 'b@x', 'c@x', 'd@x'];
  const orders = Array.from({ length: 40 }, (_, step) => host!(place({ tasks, step })));
  expect(host!(place({ tasks, step: 7 }))).toEqual(orders[7]);
  expect(new Set(orders.map((order) => order.join())).size).toBeGreaterThan(30);
  for (const order of orders)
    tasks.forEach((_, own) =>
      expect(order.slice(3 * own, 3 * own + 3).toSorted()).toEqual([0, 1, 2, 3].filter((i) => i !== own)),
    );
});

/** Written by tools/golden/weightings.py with LibMTL's PCGrad. */
const projections = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/projections.json'), 'utf8')) as {
  readonly gradients: number[][];
  readonly orders: number[][];
  readonly combined: number[];
}[];

test.each(projections)('three tasks are projected as LibMTL does it in the order $orders', (golden) => {
  const { gradients, orders, combined } = golden;
  const shares = [...combine(pcGrad(), gradients, [1, 1, 1], given(orders.flat())).shares.dataSync()];
  expectClose(
    combined.map((_, i) => gradients.reduce((sum, row, task) => sum + row[i]! * shares[task]!, 0)),
    combined,
  );
  expect(shares.some((share) => Math.abs(share - 1) > 0.01)).toBe(true);
});

test('static weights are the plain path', () => {
  expect(createWeighting({ kind: 'static' })).toBeUndefined();
});
