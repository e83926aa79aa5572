import {
  createTrainStep,
  ModelPool,
  PluginRegistry,
  validate,
  type Batch,
  type Choice,
  type Engine,
  type HeadModule,
  type OptionsSchema,
  type TrainStep,
  type TrainStepConfig,
} from '@multichexnet/core';
import { densenet } from '@multichexnet/encoder-densenet';
import { cls } from '@multichexnet/head-cls';
import { det } from '@multichexnet/head-det';
import { seg } from '@multichexnet/head-seg';
import { CLASSES, DROPOUT, HIDDEN, noise, SIZE } from '../workload.js';

const plugins = { cls, det, seg };
export type HeadName = keyof typeof plugins;
export const HEADS: readonly HeadName[] = ['cls', 'det', 'seg'];

/** Options of each head beyond its defaults. */
const OPTIONS: Readonly<Record<HeadName, object>> = { cls: { hidden: HIDDEN, dropout: DROPOUT }, det: {}, seg: {} };

/** The network as the command builds it. */
export function createPool(engine: Engine, encoder: object = {}): ModelPool {
  const registry = new PluginRegistry({ heads: Object.values(plugins), encoders: [densenet], datasets: [] });
  return new ModelPool(engine, registry, choice(densenet, { depth: 121, size: SIZE, ...encoder }), 1);
}

export function createHead(pool: ModelPool, name: HeadName): HeadModule {
  const head = pool.head(name, choice(plugins[name], OPTIONS[name]));
  const outputs = head.layers.outputs.at(-1)?.shape.at(-1);
  if (name === 'cls' && outputs !== CLASSES) throw new Error(`the cls head has ${outputs} outputs`);
  return head;
}

/** Encoder and `cls` as they train alone, with Adam. */
export function createClsStep(engine: Engine, ranks: Pick<TrainStepConfig, 'ranks'> = {}): TrainStep {
  const pool = createPool(engine);
  return createTrainStep({
    engine,
    encoder: pool.encoder,
    heads: { cls: createHead(pool, 'cls') },
    optimizer: engine.createOptimizer({ kind: 'adam' }),
    turn: { parts: [{ dataset: 'noise', heads: ['cls'] }], train: ['encoder', 'cls'] },
    weights: {},
    frozen: () => false,
    batchNorm: 'separate',
    ...ranks,
  });
}

/** Noise with labels of 14 findings, all of them known. */
export function noiseBatch(size: number, seed: number): Batch {
  const labels = noise(size * CLASSES, seed + 1).map((value) => Number(value > 0.7));
  return {
    size,
    images: noise(size * SIZE * SIZE, seed),
    imageShape: [size, SIZE, SIZE, 1],
    heads: {
      cls: {
        targets: [{ shape: [size, CLASSES], data: labels }],
        known: { shape: [size, CLASSES], data: new Float32Array(size * CLASSES).fill(1) },
      },
    },
  };
}

function choice(plugin: { readonly kind: string; readonly options: OptionsSchema }, given: object): Choice {
  const options = validate<object>(plugin.options, given, { path: '', owner: plugin.kind }).value;
  return { kind: plugin.kind, ...options };
}
