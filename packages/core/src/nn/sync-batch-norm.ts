import * as tf from '@tensorflow/tfjs';
import type { RankGroup } from '../engine/engine.js';

/** `variance` is the unbiased one, as TensorFlow's fused kernel and PyTorch keep it; `y` is normalised by the biased one. */
export interface NormalisedBatch {
  readonly y: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/**
 * Batch normalisation by the batch of all ranks, each of which has an equal part: one sum over the ranks forward, one backward. On the engine's fused kernels.
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
  group: RankGroup,
): NormalisedBatch {
  const count = x.size / x.shape[3];
  const total = count * group.size;
  const { mean, squares } = batchMoments(x, count, epsilon, group); // [c] each
  const variance = tf.div<tf.Tensor1D>(squares, total);
  const normalise = tf.customGrad((...inputs) => {
    const [x, gamma, beta, save] = inputs as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    save([x, gamma, mean, variance]);
    const value = tf.batchNorm(x, mean, variance, beta, gamma, epsilon);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [x, gamma, mean, variance] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const r3 = tf.tensor1d([], 'float32');
      const own = tf
        .engine()
        .runKernel(
          'FusedBatchNormTrainingGrad',
          { dy, x, gamma, r1: mean, r2: variance, r3 },
          { epsilon, frozen: true },
        );
      const [dx, dGamma, dBeta] = own as unknown as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
      const [allGamma, allBeta] = tf.split(group.sum(tf.concat([dGamma, dBeta], 0)), 2, 0) as [tf.Tensor, tf.Tensor];
      // Ioffe & Szegedy 2015, section 3: what moves through mean and variance, which all ranks' samples share, is linear in x.
      const inverse = tf.rsqrt(tf.add(variance, epsilon)); // [c]
      const scale = tf.div(tf.mul(gamma, inverse), -total);
      const slope = tf.mul(tf.mul(scale, inverse), allGamma);
      const offset = tf.sub(tf.mul(scale, allBeta), tf.mul(slope, mean));
      return [tf.add(dx, tf.add(tf.mul(x, slope), offset)), dGamma, dBeta];
    };
    return { value, gradFunc };
  });
  const y = normalise(x, gamma, beta);
  return { y, mean, variance: tf.div(squares, Math.max(1, total - 1)) };
}

/** Mean and sum of squared deviations over all ranks, from each rank's own (Chan et al. 1983): no difference of large sums, but of means. */
function batchMoments(
  x: tf.Tensor4D,
  count: number,
  epsilon: number,
  group: RankGroup,
): { mean: tf.Tensor1D; squares: tf.Tensor1D } {
  const channels = x.shape[3];
  const [gamma, beta] = [tf.ones([channels]), tf.zeros([channels])];
  const outputs = tf.engine().runKernel('FusedBatchNormTraining', { x, gamma, beta }, { epsilon });
  const [, own, variance] = outputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
  const deviations = tf.mul(variance, count - 1); // from the unbiased variance
  const row = tf.concat([tf.reshape(own, [1, channels]), tf.reshape(deviations, [1, channels])], 1); // [1, 2c]
  const before = tf.zeros([group.rank, 2 * channels]);
  const after = tf.zeros([group.size - 1 - group.rank, 2 * channels]);
  const rows = group.sum(tf.concat([before, row, after], 0)); // [size, 2c]
  const means = tf.slice(rows, [0, 0], [group.size, channels]);
  const mean = tf.mean(means, 0);
  const between = tf.mul(tf.sum(tf.square(tf.sub(means, mean)), 0), count);
  const within = tf.sum(tf.slice(rows, [0, channels], [group.size, channels]), 0);
  return { mean: mean as tf.Tensor1D, squares: tf.add(within, between) };
}
