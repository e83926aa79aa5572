import {
  conv2d,
  createTrainStep,
  defineEncoder,
  defineHead,
  dense,
  globalAveragePool,
  loadParameters,
  maskedMean,
  ModelPool,
  PluginRegistry,
  readParameters,
  type Batch,
  type Engine,
  type NamedTensor,
  type Optimizer,
  type OptimizerConfig,
  type Parameter,
  type StepPosition,
  type TrainStep,
  type TrainStepConfig,
} from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

const options = { type: 'object', properties: {}, additionalProperties: false } as const;
/** One convolution of 4 x 4 images and heads of one number each, as the golden scripts have them. */
const registry = new PluginRegistry({
  encoders: [
    defineEncoder({
      kind: 'conv',
      apiVersion: 1,
      options,
      create: () => ({
        inputSize: 4,
        inputChannels: 1,
        build: (image) => {
          const deepest = conv2d({ filters: 3, kernelSize: 2, strides: 2, activation: 'relu', name: 'conv' })(image);
          return { levels: [{ name: 'conv', stride: 2, tensor: deepest }], deepest, input: image };
        },
      }),
    }),
  ],
  heads: [
    defineHead({
      kind: 'value',
      apiVersion: 1,
      options,
      label: () => 0,
      create: () => ({
        build: ({ deepest }) => [dense(1, 'linear', 'out')(globalAveragePool(deepest))],
        encode: (value: number) => [Float32Array.of(value)],
        loss: ([output], [target], known) => maskedMean(tf.squaredDifference(output, target), known),
        decode: () => 0,
        metrics: [],
      }),
    }),
  ],
  datasets: [],
});

/** A batch of 8 images with one target a head. @param pixels 0..255 */
export function goldenBatch(pixels: readonly number[], targets: Readonly<Record<string, readonly number[]>>): Batch {
  return {
    size: 8,
    images: Float32Array.from(pixels, (value) => value / 255),
    imageShape: [8, 4, 4, 1],
    heads: Object.fromEntries(
      Object.entries(targets).map(([name, values]) => [
        name,
        {
          targets: [{ shape: [8, 1], data: Float32Array.from(values) }],
          known: { shape: [8, 1], data: new Float32Array(8).fill(1) },
        },
      ]),
    ),
  };
}

export interface GoldenStart {
  readonly [parameter: string]: { readonly shape: number[]; readonly data: number[] };
}

/** The network with its golden start, an optimizer, and one traced step. */
export class GoldenNetwork {
  readonly parameters: readonly Parameter[];
  readonly start: Readonly<Record<string, NamedTensor>>;
  readonly optimizer: Optimizer;
  private readonly pool: ModelPool;
  private readonly step: TrainStep;

  constructor(
    engine: Engine,
    setup: {
      readonly heads: readonly string[];
      readonly start: GoldenStart;
      readonly optimizer: OptimizerConfig;
      /** Made when the start is loaded. */
      readonly more: (
        parameters: readonly Parameter[],
        start: Readonly<Record<string, NamedTensor>>,
      ) => Partial<TrainStepConfig>;
    },
  ) {
    this.pool = new ModelPool(engine, registry, { kind: 'conv' }, 1);
    const heads = Object.fromEntries(setup.heads.map((name) => [name, this.pool.head(name, { kind: 'value' })]));
    this.parameters = [this.pool.encoder, ...Object.values(heads)].flatMap((module) => module.parameters);
    this.start = Object.fromEntries(
      Object.entries(setup.start).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
    );
    expect(loadParameters(this.parameters, this.start)).toEqual([]);
    this.optimizer = engine.createOptimizer(setup.optimizer);
    this.step = createTrainStep({
      engine,
      encoder: this.pool.encoder,
      heads,
      optimizer: this.optimizer,
      turn: { parts: [{ dataset: 'one', heads: setup.heads }], train: ['encoder', ...setup.heads] },
      weights: {},
      frozen: () => false,
      batchNorm: 'separate',
      ...setup.more(this.parameters, this.start),
    });
  }

  run(batch: Batch, position: StepPosition): Promise<Record<string, number>> {
    return this.step.run([batch], position);
  }

  values(): Promise<Record<string, NamedTensor>> {
    return readParameters(this.parameters);
  }

  dispose(): void {
    this.step.dispose();
    this.optimizer.dispose();
    this.pool.dispose();
  }
}

/** @param tolerance relative to 1 + |wanted|: Adam makes rounding visible where a gradient nearly vanishes */
export function expectClose(got: number | undefined, wanted: number, what: string, tolerance = 1e-5): void {
  expect(Math.abs((got ?? NaN) - wanted), what).toBeLessThan(tolerance * (1 + Math.abs(wanted)));
}
