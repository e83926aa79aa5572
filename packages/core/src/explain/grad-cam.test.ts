import * as tf from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../engine/engine.js';
import { loadParameters, ModelPool, type HeadModule } from '../model/network.js';
import { conv2d, dense, globalAveragePool } from '../nn/layers.js';
import { defineEncoder } from '../plugin/encoder-plugin.js';
import { defineHead } from '../plugin/head-plugin.js';
import { PluginRegistry } from '../plugin/registry.js';
import { createGradCam, resizeHeatMap, type ExplainedImage, type HeatMap } from './grad-cam.js';

interface Golden {
  readonly weights: Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>;
  readonly pixels: readonly number[][];
  readonly maps: Readonly<Record<string, { readonly cells: number[]; readonly full: number[] }>>;
}

const SIZE = 16;
const golden = JSON.parse(readFileSync(new URL('golden/grad-cam.json', import.meta.url), 'utf8')) as Golden;
const options = { type: 'object', properties: {}, additionalProperties: false } as const;
const down = (name: string, filters: number) =>
  conv2d({ name, filters, kernelSize: 2, strides: 2, padding: 'valid', activation: 'relu' });

const encoder = defineEncoder({
  kind: 'two',
  apiVersion: 1,
  options,
  create: () => ({
    inputSize: SIZE,
    inputChannels: 1,
    build: (input) => {
      const one = down('one', 3)(input);
      const two = down('two', 4)(one);
      const levels = [
        { name: 'one', stride: 2, tensor: one },
        { name: 'two', stride: 4, tensor: two },
      ];
      return { levels, deepest: two, input };
    },
  }),
});

/** Reads the level that `kind` names, through the encoder's second layer where it is the first. */
const headOn = (kind: string, explained: boolean) =>
  defineHead({
    kind,
    apiVersion: 1,
    options,
    label: () => undefined,
    create: () => ({
      build: ({ levels }) => {
        const [one, two] = levels.map(({ tensor }) => tensor) as [tf.SymbolicTensor, tf.SymbolicTensor];
        const deep = kind === 'one' ? down('two', 4)(one) : two;
        return [dense(2, 'linear', 'decision')(dense(5, 'relu', 'features')(globalAveragePool(deep, 'pool')))];
      },
      encode: () => [new Float32Array(2)],
      loss: () => tf.scalar(0),
      decode: () => ({}),
      metrics: [],
      ...(explained
        ? { explain: { targets: ['a', 'b'], scores: ([logits]: [tf.Tensor, ...tf.Tensor[]]) => logits } }
        : {}),
    }),
  });

/** Runs steps at once, on tfjs' own CPU backend. */
const engine = {
  adopt: () => undefined,
  release: (variables: readonly tf.Variable[]) => tf.dispose([...variables]),
  compile: (_: string, fn: (inputs: tf.Tensor[]) => tf.Tensor[]) => ({
    run: (inputs: tf.Tensor[]) => Promise.resolve(tf.tidy(() => fn(inputs))),
    dispose: () => undefined,
  }),
} as unknown as Engine;

let pool: ModelPool;
let head: (kind: string) => HeadModule;
beforeAll(async () => {
  await tf.setBackend('cpu');
  const heads = [headOn('one', true), headOn('two', true), headOn('silent', false)];
  pool = new ModelPool(engine, new PluginRegistry({ heads, encoders: [encoder], datasets: [] }), { kind: 'two' }, 1);
  head = (kind) => {
    const module = pool.head('find', { kind });
    const own = { ...golden.weights, ...rename('encoder/two', 'find/two') };
    const missing = loadParameters([...pool.encoder.parameters, ...module.parameters], own as never);
    expect(missing).toEqual([]);
    return module;
  };
});
afterAll(() => pool.dispose());

const rename = (from: string, to: string): Golden['weights'] =>
  Object.fromEntries(['kernel', 'bias'].map((weight) => [`${to}/${weight}`, golden.weights[`${from}/${weight}`]!]));
const images = (target: string): ExplainedImage[] =>
  golden.pixels.map((pixels) => ({ image: { pixels: Uint8Array.from(pixels), size: SIZE }, target }));
const valuesOf = (maps: readonly HeatMap[]): number[] => maps.flatMap(({ values }) => [...values]);
const expectClose = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - expected[i]!), `value ${i}`).toBeLessThan(1e-5));
};

test.each(['one', 'two'])('maps of level "%s" equal PyTorch, cells and enlarged', async (level) => {
  const cam = createGradCam(engine, pool, head(level));
  expect(cam.level).toBe(level); // the deepest that the head reads
  for (const [place, target] of ['a', 'b'].entries()) {
    const { cells, full } = golden.maps[`${level}/${place}`]!;
    const maps = await cam.run(images(target));
    expectClose(valuesOf(maps), cells);
    expectClose(valuesOf(maps.map((map) => resizeHeatMap(map, 20, 24))), full);
  }
});

test('a batch of several, with different targets, equals one by one; a short batch is padded', async () => {
  const mixed = images('a').map((image, i) => (i === 1 ? { ...image, target: 'b' } : image));
  const single = await createGradCam(engine, pool, head('two')).run(mixed);
  for (const batchSize of [2, 3, 8])
    expect(valuesOf(await createGradCam(engine, pool, head('two'), { batchSize }).run(mixed))).toEqual(
      valuesOf(single),
    );
});

test('where borders were cut off, a map lies in its place in the film', async () => {
  const cam = createGradCam(engine, pool, head('two'));
  const [{ image, target } = images('a')[0]!] = images('a');
  const shown = { x: 5, y: 2, width: 20, height: 24 };
  const [cells] = (await cam.run([{ image, target }])) as [HeatMap];
  const [film] = (await cam.run([{ image: { ...image, width: 30, height: 40, shown }, target }])) as [HeatMap];
  expect([film.width, film.height]).toEqual([30, 40]);
  const part = resizeHeatMap(cells, 20, 24);
  const at = (x: number, y: number): number => film.values[y * 30 + x]!;
  expect(at(5 + 7, 2 + 11)).toBe(part.values[11 * 20 + 7]);
  expect(film.values.reduce((a, b) => a + b, 0)).toBeCloseTo(
    part.values.reduce((a, b) => a + b, 0),
    3,
  );
  expect([at(4, 10), at(25, 10), at(10, 1), at(10, 26)]).toEqual([0, 0, 0, 0]);
});

test('no gradient, no map: all zero, no NaN', async () => {
  const module = head('two');
  const dead = { shape: [5, 2], data: new Float32Array(10) };
  loadParameters(
    module.parameters.filter(({ name }) => name === 'find/decision/kernel'),
    { 'find/decision/kernel': dead },
  );
  const maps = await createGradCam(engine, pool, module, { batchSize: 3 }).run(images('a'));
  expect(valuesOf(maps)).toEqual(Array.from({ length: 48 }, () => 0));
});

test('a head that says nothing is asked for the mean of its first output', async () => {
  const cam = createGradCam(engine, pool, head('silent'));
  expect(cam.targets).toEqual(['output']);
  const [first] = await cam.run(images('output'));
  expect(Math.max(...first!.values)).toBe(1);
});

test('unknown targets and levels that the head does not read are refused', async () => {
  const cam = createGradCam(engine, pool, head('two'));
  await expect(cam.run(images('c'))).rejects.toMatchObject({ code: 'EXPLAIN_TARGET_UNKNOWN' });
  expect(() => createGradCam(engine, pool, head('two'), { level: 'one' })).toThrow(
    expect.objectContaining({ code: 'EXPLAIN_LEVEL_UNKNOWN' }),
  );
});
