import * as tf from '@tensorflow/tfjs';
import { availableParallelism } from 'node:os';
import { mapLimit } from '../data/map-limit.js';
import type { PreparedImage } from '../data/prepared-image.js';
import type { CompileOptions, Engine, StepFunction } from '../engine/engine.js';
import { applyHead, encodeImages } from '../model/forward.js';
import type { HeadModule, Module } from '../model/network.js';
import type { OutputValue } from '../plugin/sample-values.js';

/** Per head, one sample's outputs. */
export type SampleOutputs = Readonly<Record<string, readonly OutputValue[]>>;

export interface InferenceOptions extends CompileOptions {
  /** Batches that are computed side by side; by default one after the other. Worth it where the engine has one thread for each (`opThreads: 1`). */
  readonly lanes?: number;
}

/**
 * How many of so many images are worth computing side by side: an op of one image is too short to be split over threads. Each occupies a thread of libuv's
 * pool of four, of which one stays free for files.
 */
export function lanesFor(images: number): number {
  return Math.max(1, Math.min(images, availableParallelism(), 3));
}

/** The network at inference: encoder once, then every head, as one native call for each batch. */
export interface Inference {
  /** Outputs of every image, in order. A short batch is padded, so that one trace serves all. */
  run(images: readonly PreparedImage[]): Promise<SampleOutputs[]>;
  dispose(): void;
}

export function createInference(
  engine: Engine,
  encoder: Module,
  heads: readonly HeadModule[],
  batchSize: number,
  { lanes = 1, ...options }: InferenceOptions = {},
): Inference {
  const name = `infer ${heads.map((head) => head.name).join(' ')}`;
  const compiled = engine.compile(name, inferenceNetwork(encoder, heads), options);
  const compute = async (pixels: Float32Array, side: number): Promise<Float32Array[]> => {
    const input = tf.tensor(pixels, [batchSize, side, side, 1]);
    try {
      const outputs = await compiled.run([input]);
      const values = await Promise.all(outputs.map((output) => output.data<'float32'>()));
      tf.dispose(outputs);
      return values;
    } finally {
      input.dispose();
    }
  };
  return inferInBatches({ heads, batchSize, lanes, compute, dispose: () => compiled.dispose() });
}

/** Images [b, s, s, 1], grey 0..1 -> every output of every head, head after head. */
export function inferenceNetwork(encoder: Module, heads: readonly HeadModule[]): StepFunction {
  return ([images]) => {
    const features = encodeImages(encoder, images as tf.Tensor, false);
    return heads.flatMap((head) => applyHead(head, features, false));
  };
}

/** The network at inference as some runtime computes it. */
export interface BatchRuntime {
  readonly heads: readonly HeadModule[];
  readonly batchSize: number;
  /** Batches under way at a time. */
  readonly lanes: number;
  /** @param pixels [batchSize, side, side, 1], grey 0..1 @returns values of every output, as {@link inferenceNetwork} orders them */
  compute(pixels: Float32Array, side: number): Promise<readonly Float32Array[]>;
  dispose(): void;
}

/** Images into batches of pixels, and a batch's outputs back to its images: what every runtime has in common. */
export function inferInBatches(runtime: BatchRuntime): Inference {
  const { heads, batchSize, lanes } = runtime;
  const runBatch = async (images: readonly PreparedImage[]): Promise<SampleOutputs[]> => {
    const side = images[0]?.size ?? 0;
    const pixels = new Float32Array(batchSize * side * side);
    images.forEach((image, b) => {
      for (let i = 0; i < side * side; i++) pixels[b * side * side + i] = (image.pixels[i] as number) / 255;
    });
    const values = await runtime.compute(pixels, side);
    return images.map((_, b) => splitSample(heads, values, b, batchSize));
  };
  return {
    run: async (images) => {
      const batches = Array.from({ length: Math.ceil(images.length / batchSize) }, (_, i) =>
        images.slice(i * batchSize, (i + 1) * batchSize),
      );
      return (await mapLimit(batches, lanes, runBatch)).flat();
    },
    dispose: () => runtime.dispose(),
  };
}

function splitSample(
  heads: readonly HeadModule[],
  values: readonly Float32Array[],
  b: number,
  batchSize: number,
): SampleOutputs {
  let at = 0;
  const entries = heads.map((head) => {
    const outputs = head.layers.outputs.map((): OutputValue => {
      const all = values[at++] as Float32Array;
      const length = all.length / batchSize;
      return length === 1 ? (all[b] as number) : all.slice(b * length, (b + 1) * length);
    });
    return [head.name, outputs] as const;
  });
  return Object.fromEntries(entries);
}
