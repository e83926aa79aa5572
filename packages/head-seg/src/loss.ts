import { batchTotal, binaryCrossEntropy } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import type { SegOptions } from './options.js';

/** Added above and below, so that an empty mask predicted empty has a loss of 0 and a gradient. */
const SMOOTH = 1;

/**
 * `bce`: eq. 7, binary cross-entropy, as the mean over the pixels of known images. `dice`: 1 - (2 sum p y + 1) / (sum p + sum y + 1) of each image, mean over
 * known images. `bce+dice`: their sum.
 *
 * @param logits [b, h, w, 1]
 * @param target [b, h, w, 1], 0 or 1
 * @param known [b, 1], 0 = mask unknown
 */
export function segLoss(logits: tf.Tensor, target: tf.Tensor, known: tf.Tensor, kind: SegOptions['loss']): tf.Scalar {
  switch (kind) {
    case 'bce':
      return binaryCrossEntropy(logits, target, known);
    case 'dice':
      return diceLoss(logits, target, known);
    case 'bce+dice':
      return tf.add(binaryCrossEntropy(logits, target, known), diceLoss(logits, target, known));
  }
}

function diceLoss(logits: tf.Tensor, target: tf.Tensor, known: tf.Tensor): tf.Scalar {
  const p = tf.sigmoid(logits);
  const perImage = (x: tf.Tensor): tf.Tensor => tf.reshape(tf.sum(x, [1, 2, 3]), known.shape); // [b, 1]
  const shared = tf.add(tf.mul(perImage(tf.mul(p, target)), 2), SMOOTH);
  const whole = tf.add(tf.add(perImage(p), perImage(target)), SMOOTH);
  const loss = tf.sub(1, tf.div(shared, whole)); // [b, 1]
  return tf.div(tf.sum(tf.mul(loss, known)), tf.maximum(batchTotal(tf.sum(known)), 1));
}
