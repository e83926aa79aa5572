import * as tf from '@tensorflow/tfjs';
import type { HistoryEntry } from '../train/step-history.js';
import type { Weighting } from './weighting.js';

export interface GradNormOptions {
  /** How strongly the tasks are pulled to a common rate of training; 0 = to equal norms. */
  readonly alpha: number;
}

/**
 * GradNorm (Chen et al. 2018, algorithm 1): weights of the shared gradients move so that a task's norm is the mean norm times (its inverse training rate)^alpha.
 * The weights are `T softmax(z)`, which keeps them positive and of sum T, with z moved by the phase's optimizer; heads have their own loss's gradient (both
 * as LibMTL). The loss at the start is that of the task's first step.
 */
export function gradNorm({ alpha }: GradNormOptions): Weighting {
  return {
    start: 1,
    host: ({ history, tasks }) => tasks.map((task) => firstLoss(history, task) ?? 0),
    total: (losses) => tf.addN([...losses]).asScalar(),
    combine: ({ losses, gram }, { numbers, host }) => {
      const count = losses.length;
      const weights = tf.mul(tf.softmax(tf.stack([...numbers]) as tf.Tensor1D), count); // [T]
      const own = tf.sqrt(diagonal(gram)); // [T]
      const norms = tf.mul(weights, own);
      const now = tf.stack([...losses]); // [T]
      const rates = tf.div(now, tf.where(tf.equal(host, 0), now, host));
      const target = tf.mul(tf.mean(norms), tf.pow(tf.div(rates, tf.mean(rates)), alpha));
      // d |norms - target| / d weights, with the target held fixed, through the softmax.
      const slope = tf.mul(tf.mul(tf.sign(tf.sub(norms, target)), own), weights);
      const gradient = tf.sub(slope, tf.mul(tf.div(weights, count), tf.sum(slope)));
      return { shares: weights as tf.Tensor1D, numbers: gradient as tf.Tensor1D };
    },
  };
}

function diagonal(gram: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(tf.mul(gram, tf.eye(gram.shape[0])), 1);
}

function firstLoss(history: readonly HistoryEntry[], task: string): number | undefined {
  return history.find((entry) => entry[task] !== undefined)?.[task];
}
