import * as tf from '@tensorflow/tfjs';
import { claimName } from './build-context.js';
import { seededInitializer } from './initializer.js';
import { currentStep } from './step-context.js';
import { syncBatchNorm, type NormalisedBatch } from './sync-batch-norm.js';
import type { Connect } from './layers.js';

export interface BatchNormOptions {
  readonly name?: string;
  /** Added to the variance. */
  readonly epsilon?: number;
  /** Share of the old moving statistics that one step keeps. */
  readonly momentum?: number;
}

/**
 * Batch normalisation over all axes but the last (Ioffe & Szegedy 2015). With `training: true` it normalises by the batch and records the new moving
 * statistics in the step context instead of assigning them, so that it can be traced; else it uses the moving statistics. It saves as Keras'
 * `BatchNormalization` (weights gamma, beta, moving_mean, moving_variance), which any tfjs loads.
 */
export function batchNorm(options: BatchNormOptions = {}): Connect {
  const { epsilon = 1.001e-5, momentum = 0.99 } = options;
  const layer = new BatchNorm({ name: claimName('batch_norm', options.name), epsilon, momentum });
  return (x) => layer.apply(x) as tf.SymbolicTensor;
}

interface BatchNormConfig {
  readonly name: string;
  readonly epsilon: number;
  readonly momentum: number;
}

class BatchNorm extends tf.layers.Layer {
  static className = 'BatchNormalization';
  readonly #config: BatchNormConfig;
  #gamma!: tf.LayerVariable;
  #beta!: tf.LayerVariable;
  #mean!: tf.LayerVariable;
  #variance!: tf.LayerVariable;

  constructor(config: BatchNormConfig) {
    super({ name: config.name });
    this.#config = config;
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = (inputShape as tf.Shape).at(-1);
    const ones = seededInitializer('ones', 0, '');
    const zeros = seededInitializer('zeros', 0, '');
    this.#gamma = this.addWeight('gamma', [channels!], 'float32', ones);
    this.#beta = this.addWeight('beta', [channels!], 'float32', zeros);
    this.#mean = this.addWeight('moving_mean', [channels!], 'float32', zeros, undefined, false);
    this.#variance = this.addWeight('moving_variance', [channels!], 'float32', ones, undefined, false);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs; // [b, ..., c]
    const { epsilon, momentum } = this.#config;
    const gamma = this.#gamma.read() as tf.Tensor1D;
    const beta = this.#beta.read() as tf.Tensor1D;
    if (kwargs.training !== true) {
      const normalised = tf.batchNorm(
        toRank4(x),
        this.#mean.read() as tf.Tensor1D,
        this.#variance.read() as tf.Tensor1D,
        beta,
        gamma,
        epsilon,
      );
      return tf.reshape(normalised, x.shape);
    }
    const { updates, ranks } = currentStep(this.name);
    const { y, mean, variance } =
      ranks?.syncBatchNorm === true
        ? syncBatchNorm(toRank4(x), gamma, beta, epsilon, ranks)
        : normaliseByBatch(toRank4(x), gamma, beta, epsilon);
    for (const [variable, batch] of [
      [this.#mean, mean],
      [this.#variance, variance],
    ] as const) {
      const value = tf.tidy(() => tf.add(tf.mul(variable.read(), momentum), tf.mul(batch, 1 - momentum)));
      updates.push({ variable: variable.read() as tf.Variable, value: tf.keep(value) });
    }
    return tf.reshape(y, x.shape);
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { epsilon, momentum } = this.#config;
    return { ...super.getConfig(), axis: -1, momentum, epsilon, center: true, scale: true };
  }
}

/** [b, ..., c] -> [b, h, w, c], the rank that fused kernels want. */
function toRank4(x: tf.Tensor): tf.Tensor4D {
  const channels = x.shape.at(-1)!;
  if (x.rank === 4) return x as tf.Tensor4D;
  return tf.reshape(x, [x.size / channels, 1, 1, channels]);
}

/** Over this process's part of the batch. */
function normaliseByBatch(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): NormalisedBatch {
  if (tf.getKernel('FusedBatchNormTraining', tf.getBackend()) !== undefined) {
    const outputs = tf.engine().runKernel('FusedBatchNormTraining', { x, gamma, beta }, { epsilon });
    const [y, mean, variance] = outputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { y, mean, variance };
  }
  const count = x.size / x.shape[3];
  const moments = tf.moments(x, [0, 1, 2]);
  const y = tf.batchNorm(x, moments.mean as tf.Tensor1D, moments.variance as tf.Tensor1D, beta, gamma, epsilon);
  return { y, mean: moments.mean, variance: tf.mul(moments.variance, count / Math.max(1, count - 1)) };
}
