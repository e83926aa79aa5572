// node mtl-infer.ts BATCH RUNS SECONDS
import type { CompiledStep, Module } from '@multichexnet/core';
import { createEngine } from '@multichexnet/engine';
import * as tf from '@tensorflow/tfjs';
import { noise, SIZE } from '../workload.js';
import { createHead, createPool, HEADS } from './model.js';
import { report, timed } from './report.js';

const [batch, runs, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
const engine = await createEngine();
const pool = createPool(engine);
const heads = HEADS.map((name) => createHead(pool, name));

const list = (output: unknown): tf.Tensor[] => (Array.isArray(output) ? output : [output]) as tf.Tensor[];
const encode = (image: tf.Tensor): tf.Tensor[] => {
  const input = tf.tile(image, [1, 1, 1, 3]); // [b, s, s, 3]
  return [...list(pool.encoder.layers.apply(input)), input];
};
const decide = (head: Module, features: tf.Tensor[]): tf.Tensor[] => list(head.layers.apply(features));

/** The encoder alone, every head alone on ready features, every single-task model, and all heads in one pass. */
const image = tf.tensor(noise(batch * SIZE * SIZE, 1), [batch, SIZE, SIZE, 1]);
const encoder = engine.compile('encoder', ([x]) => encode(x!));
const features = await encoder.run([image]);
const calls: Record<string, readonly [CompiledStep, readonly tf.Tensor[]]> = {
  encoder: [encoder, [image]],
  together: [
    engine.compile('together', ([x]) => {
      const levels = encode(x!);
      return heads.flatMap((head) => decide(head, levels));
    }),
    [image],
  ],
};
for (const head of heads) {
  calls[`${head.name}Head`] = [engine.compile(`${head.name} head`, (levels) => decide(head, levels)), features];
  calls[`${head.name}Model`] = [engine.compile(`${head.name} model`, ([x]) => decide(head, encode(x!))), [image]];
}

const run = async ([step, inputs]: readonly [CompiledStep, readonly tf.Tensor[]]): Promise<void> => {
  tf.dispose(await step.run(inputs));
};
// Twice: the second call of a step records it again, to check it.
for (const call of [...Object.values(calls), ...Object.values(calls)]) await run(call);
const times = Object.fromEntries(Object.keys(calls).map((name): [string, number[]] => [name, []]));
const deadline = performance.now() + seconds * 1000;
for (let turn = 0; turn < runs && (turn === 0 || performance.now() < deadline); turn++)
  for (const [name, call] of Object.entries(calls)) times[name]?.push((await timed(() => run(call)))[0]);

const weights = ({ parameters }: Module): number => parameters.reduce((sum, { variable }) => sum + variable.size, 0);
report({
  library: `${engine.info.name} ${engine.info.version}`,
  times,
  notes: Object.fromEntries([
    ['encoder', weights(pool.encoder)],
    ...heads.map((head) => [head.name, weights(head)]),
  ]) as Record<string, number>,
});
engine.dispose();
