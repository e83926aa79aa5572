import * as tf from '@tensorflow/tfjs';
import { batchTotal } from './step-context.js';

/**
 * Mean over the known entries, 0 when none is known. Where several processes share the batch it is this one's part of the mean over all of it: the parts
 * add up.
 *
 * @param values [b, ...]
 * @param known 1 or 0, [b, ...] of the same shape or broadcasting to it (e.g. [b, 1])
 */
export function maskedMean(values: tf.Tensor, known: tf.Tensor): tf.Scalar {
  const mask = tf.mul(alignRank(known, values.rank), tf.onesLike(values));
  return tf.div(tf.sum(tf.mul(values, mask)), tf.maximum(batchTotal(tf.sum(mask)), 1));
}

/** [b, k] -> [b, k, 1, ...] of the wanted rank; more than one column only where the ranks agree. */
function alignRank(known: tf.Tensor, rank: number): tf.Tensor {
  if (known.rank >= rank) return known;
  return tf.reshape(known, [...known.shape, ...new Array<number>(rank - known.rank).fill(1)]);
}

/**
 * Huber loss, quadratic within `delta` of the target and linear beyond: `e^2 / 2` or `delta (|e| - delta / 2)`, mean over known entries.
 *
 * @param output [b, ...]
 * @param target like `output`
 * @param known [b, 1], or like `output`; 0 = unknown
 */
export function huber(output: tf.Tensor, target: tf.Tensor, known: tf.Tensor, delta = 1): tf.Scalar {
  const error = tf.abs(tf.sub(output, target));
  const quadratic = tf.minimum(error, delta);
  const linear = tf.sub(error, quadratic);
  return maskedMean(tf.add(tf.mul(tf.square(quadratic), 0.5), tf.mul(linear, delta)), known);
}

export interface BinaryCrossEntropyOptions {
  /** What `output` holds. Logits are the stable choice; probabilities are clipped to [1e-7, 1 - 1e-7] as in Keras. */
  readonly from?: 'logits' | 'probabilities';
}

/**
 * Binary cross-entropy `-y log p - (1 - y) log(1 - p)`, mean over known entries (eq. 3 and eq. 7 as means).
 *
 * @param output [b, ...] logits (default) or probabilities
 * @param target in [0, 1], like `output`
 * @param known [b, 1], or like `output`; 0 = unknown
 */
export function binaryCrossEntropy(
  output: tf.Tensor,
  target: tf.Tensor,
  known: tf.Tensor,
  { from = 'logits' }: BinaryCrossEntropyOptions = {},
): tf.Scalar {
  if (from === 'logits') return maskedMean(logitCrossEntropy(output, target), known);
  const p = tf.clipByValue(output, 1e-7, 1 - 1e-7);
  const positive = tf.mul(target, tf.log(p));
  const negative = tf.mul(tf.sub(1, target), tf.log(tf.sub(1, p)));
  return maskedMean(tf.neg(tf.add(positive, negative)), known);
}

/**
 * Cross-entropy of each entry from logits, `max(x, 0) - x y + log(1 + e^-|x|)`: finite for any x. Its gradient `sigmoid(x) - y` is given directly, because
 * the composed one is wrong at x = 0, where a fresh output layer starts.
 */
export function logitCrossEntropy(logits: tf.Tensor, target: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((x, save) => {
    const logit = x as tf.Tensor;
    (save as tf.GradSaveFunc)([logit, target]);
    const tail = tf.log1p(tf.exp(tf.neg(tf.abs(logit))));
    return {
      value: tf.add(tf.sub(tf.relu(logit), tf.mul(logit, target)), tail),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.sub(tf.sigmoid(saved[0]!), saved[1]!)),
    };
  });
  return op(logits);
}
