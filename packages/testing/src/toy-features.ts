import * as tf from '@tensorflow/tfjs';
import type { LevelShape } from './build-model.js';

/** An imagined encoder's pyramid: strides 4, 8, 16, 32 with few channels. */
export function toyLevels(inputSize: number): LevelShape[] {
  return [4, 8, 16, 32].map((stride, i) => ({
    name: `toy_${stride}`,
    stride,
    shape: [inputSize / stride, inputSize / stride, 6 + 2 * i],
  }));
}

/** Values in -1..1 that differ from place to place and sample to sample, the same in every run. */
export function toyValues(shape: readonly number[], salt: number): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * salt)),
    [...shape],
  );
}

/** Levels and image of a batch. */
export function toyBatch(
  inputSize: number,
  batchSize: number,
  levels: readonly LevelShape[],
): { features: tf.Tensor[]; image: tf.Tensor } {
  return {
    features: levels.map(({ shape }, i) => toyValues([batchSize, ...shape], i + 1)),
    image: toyValues([batchSize, inputSize, inputSize, 3], 0),
  };
}
