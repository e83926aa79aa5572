import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import type { Engine, RankGroup } from '../engine/engine.js';
import { RankTalk } from './rank-talk.js';

/** Ranks of one process: a sum is there when each has given its part. */
function ranksOf(size: number): RankTalk[] {
  let waiting: { own: tf.Tensor; done: (sum: tf.Tensor[]) => void }[] = [];
  const compile = () => ({
    run: ([own]: tf.Tensor[]) =>
      new Promise<tf.Tensor[]>((done) => {
        waiting.push({ own: own as tf.Tensor, done });
        if (waiting.length < size) return;
        const all = waiting;
        waiting = [];
        const sum = tf.addN(all.map((one) => one.own));
        for (const one of all) one.done([sum.clone()]);
        sum.dispose();
      }),
  });
  return Array.from(
    { length: size },
    (_, rank) => new RankTalk({ compile } as unknown as Engine, { rank, size } as unknown as RankGroup),
  );
}

const everyRank = async (values: readonly unknown[]): Promise<string[]> => {
  const talks = ranksOf(values.length);
  const ends = await Promise.allSettled(talks.map((talk, rank) => talk.agreeOn('the config', values[rank])));
  return ends.map((end) => (end.status === 'fulfilled' ? 'agreed' : String(end.reason)));
};

test('the same value in another order of its keys is the same', async () => {
  const before = tf.memory().numTensors;
  expect(
    await everyRank([
      { a: 1, b: { c: [2] } },
      { b: { c: [2] }, a: 1 },
    ]),
  ).toEqual(['agreed', 'agreed']);
  expect(tf.memory().numTensors).toBe(before);
});

test('every rank is told which fields differ where, and what they are', async () => {
  const config = { phases: [{ name: 'train', optimizer: { learningRate: 0.05 }, note: 'é' }], seed: 1 };
  const other = { phases: [{ name: 'train', optimizer: { learningRate: 0.01 }, note: 'é' }], seed: 1, guard: 3 };
  const said = await everyRank([config, config, other]);
  expect(new Set(said).size).toBe(1);
  expect(said[0]).toContain(
    'the config (rank 2: phases.train.optimizer.learningRate is 0.01, on rank 0 0.05; guard is 3, on rank 0 not there)',
  );
});

test('not more fields than can be read, long values cut, and no secrets', async () => {
  const [said = ''] = await everyRank([
    { apiKey: 'alpha', long: 'x'.repeat(1000), c: 1, d: 1, e: 1 },
    { apiKey: 'beta', long: 'y'.repeat(1000), c: 2, d: 2, e: 2 },
  ]);
  expect(said).toContain('rank 1: apiKey; long is "yyy');
  expect(said).toContain('c is 2, on rank 0 1; and 2 more');
  expect(said).not.toMatch(/alpha|beta/);
  expect(said.length).toBeLessThan(500);
});
