import * as tf from '@tensorflow/tfjs';
import type { RankGroup } from '../engine/engine.js';

/** `variance` is the unbiased one, as TensorFlow's fused kernel and PyTorch keep it; `y` is normalised by the biased one. */
export interface NormalisedBatch {
  readonly y: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

const AXES = [0, 1, 2];

/**
 * Batch normalisation by the batch of all ranks, each of which has an equal part: one sum over the ranks forward, one backward.
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
  const channels = x.shape[3];
  const count = x.size / channels;
  const total = count * group.size;
  const { mean, squares } = tf.tidy(() => batchMoments(x, count, group)); // [c] each
  const variance = tf.div(squares, total);
  const inverse = tf.rsqrt(tf.add(variance, epsilon)); // [c]
  const normalise = tf.customGrad((...inputs) => {
    const [x, gamma, beta, save] = inputs as unknown as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    save([x, gamma, mean, inverse]);
    const scale = tf.mul(gamma, inverse);
    const value = tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale)));
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [x, gamma, mean, inverse] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const normal = tf.mul(tf.sub(x, mean), inverse); // [b, h, w, c]
      const dGamma = tf.sum(tf.mul(dy, normal), AXES);
      const dBeta = tf.sum(dy, AXES);
      const [allGamma, allBeta] = tf.split(group.sum(tf.concat([dGamma, dBeta], 0)), 2, 0) as [tf.Tensor, tf.Tensor];
      // Ioffe & Szegedy 2015, section 3, with the sums over the batch taken over all ranks.
      const centred = tf.sub(dy, tf.div(tf.add(tf.mul(normal, allGamma), allBeta), total));
      return [tf.mul(centred, tf.mul(gamma, inverse)), dGamma, dBeta];
    };
    return { value, gradFunc };
  });
  const y = normalise(x, gamma, beta);
  return { y, mean, variance: tf.div(squares, Math.max(1, total - 1)) };
}

/** Mean and sum of squared deviations over all ranks, from each rank's own (Chan et al. 1983): no difference of large sums, but of means. */
function batchMoments(x: tf.Tensor4D, count: number, group: RankGroup): { mean: tf.Tensor; squares: tf.Tensor } {
  const channels = x.shape[3];
  const own = tf.mean(x, AXES); // [c]
  const deviations = tf.sum(tf.square(tf.sub(x, own)), AXES); // [c]
  const row = tf.concat([tf.reshape(own, [1, channels]), tf.reshape(deviations, [1, channels])], 1); // [1, 2c]
  const before = tf.zeros([group.rank, 2 * channels]);
  const after = tf.zeros([group.size - 1 - group.rank, 2 * channels]);
  const rows = group.sum(tf.concat([before, row, after], 0)); // [size, 2c]
  const means = tf.slice(rows, [0, 0], [group.size, channels]);
  const mean = tf.mean(means, 0);
  const between = tf.mul(tf.sum(tf.square(tf.sub(means, mean)), 0), count);
  return { mean, squares: tf.add(tf.sum(tf.slice(rows, [0, channels], [group.size, channels]), 0), between) };
}
