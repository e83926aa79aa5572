import * as tf from '@tensorflow/tfjs';
import type { RankGroup } from '../engine/engine.js';
import type { StepRanks } from './step-context.js';

/** `variance` is the unbiased one, as TensorFlow's fused kernel and PyTorch keep it; `y` is normalised by the biased one. */
export interface NormalisedBatch {
  readonly y: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/**
 * Batch normalisation by the batch of all ranks, each of which has an equal part, on the engine's fused kernels. What is a concatenation has the moments of
 * its parts, so that those of a dense block, which every later layer normalises again, are measured once: one sum over the ranks forward and one backward
 * for each tensor that is new.
 *
 * @param x [b, h, w, c], this rank's part
 * @param gamma [c]
 * @param beta [c]; its gradient and gamma's are of this rank's part alone, like those of every parameter, until the ranks' gradients are added up
 */
export function syncBatchNorm(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  ranks: StepRanks,
): NormalisedBatch {
  const moments = momentsOf(x, ranks);
  const y = normaliseBy(x, moments, gamma, beta, epsilon);
  const [variance, mean] = rows(moments);
  const total = (x.size / x.shape[3]) * ranks.group.size;
  return { y, mean, variance: tf.mul(variance, total / Math.max(1, total - 1)) };
}

/** Biased variance and mean over the batch of all ranks, [2, c]. */
function momentsOf(x: tf.Tensor4D, ranks: StepRanks): tf.Tensor2D {
  const known = ranks.moments.get(x);
  if (known !== undefined) return known;
  const parts = ranks.parts.get(x);
  // A model disposes what is inside of it when it has run: of its outputs' parts the moments may be left, or nothing.
  const whole = parts === undefined || parts.some((part) => part.isDisposed && !ranks.moments.has(part));
  const moments = whole ? measure(x, ranks.group) : tf.concat2d(parts.map((part) => momentsOf(part as tf.Tensor4D, ranks)), 1); // prettier-ignore
  ranks.moments.set(x, tf.keep(moments));
  return moments;
}

/** With the gradient that moves through variance and mean, which all ranks' samples share (Ioffe & Szegedy 2015, section 3): linear in x. */
function measure(x: tf.Tensor4D, group: RankGroup): tf.Tensor2D {
  const channels = x.shape[3];
  const own = x.size / channels;
  const total = own * group.size;
  const op = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [tf.Tensor4D, tf.GradSaveFunc];
    const value = gatherMoments(x, own, group);
    save([x, value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [x, value] = saved as [tf.Tensor4D, tf.Tensor2D];
      const [slope, offset] = rows(
        tf.mul(tf.sum(group.gather(tf.expandDims(dy)), 0), tf.tensor2d([2 / total, 1 / total], [2, 1])),
      );
      // dx = slope (x - mean) + offset, which is a normalisation by a variance of 1.
      return tf.batchNorm(x, rows(value)[1], tf.ones([channels]), offset, slope, 0);
    };
    return { value, gradFunc };
  });
  return op(x);
}

/** From each rank's own (Chan et al. 1983): no difference of large sums, but of means. */
function gatherMoments(x: tf.Tensor4D, count: number, group: RankGroup): tf.Tensor2D {
  const channels = x.shape[3];
  const [gamma, beta] = [tf.ones([channels]), tf.zeros([channels])];
  const outputs = tf.engine().runKernel('FusedBatchNormTraining', { x, gamma, beta }, { epsilon: 1 });
  const [, own, variance] = outputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
  const all = group.gather(tf.stack([tf.stack([variance, own])])); // [size, 2, c]
  const [variances, means] = tf.unstack(all, 1) as [tf.Tensor2D, tf.Tensor2D]; // [size, c]
  const mean = tf.mean(means, 0);
  const between = tf.mean(tf.square(tf.sub(means, mean)), 0);
  const within = tf.mul(tf.mean(variances, 0), (count - 1) / count); // the kernel's variance is unbiased
  return tf.stack([tf.add(within, between), mean]) as tf.Tensor2D;
}

function normaliseBy(
  x: tf.Tensor4D,
  moments: tf.Tensor2D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): tf.Tensor {
  const op = tf.customGrad((...inputs) => {
    const [x, moments, gamma, beta, save] = inputs as unknown as [
      tf.Tensor4D,
      tf.Tensor2D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const [variance, mean] = rows(moments);
    save([x, variance, mean, gamma]);
    const value = tf.batchNorm(x, mean, variance, beta, gamma, epsilon);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [x, variance, mean, gamma] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const r3 = tf.tensor1d([], 'float32');
      const inputs = { dy, x, gamma, r1: mean, r2: variance, r3 };
      const own = tf.engine().runKernel('FusedBatchNormTrainingGrad', inputs, { epsilon, frozen: true });
      const [dx, dGamma, dBeta] = own as unknown as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
      const inverse = tf.rsqrt(tf.add(variance, epsilon)); // [c]
      const scale = tf.mul(gamma, inverse);
      const byVariance = tf.mul(tf.mul(scale, inverse), tf.mul(dGamma, -0.5));
      return [dx, tf.stack([byVariance, tf.neg(tf.mul(scale, dBeta))]), dGamma, dBeta];
    };
    return { value, gradFunc };
  });
  return op(x, moments, gamma, beta);
}

const rows = (pair: tf.Tensor): [tf.Tensor1D, tf.Tensor1D] => tf.unstack(pair) as [tf.Tensor1D, tf.Tensor1D];
