import { batchTotal, logitCrossEntropy } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { TARGET_VALUES } from './assign-targets.js';
import { BOX_VALUES, OBJECT_PRIOR_LOGIT, RELU_OFFSETS } from './grid.js';

export interface DetLossOptions {
  readonly objectness: boolean;
  readonly objectnessLoss: 'focal' | 'bce';
  readonly coordScale: number;
}

/** Lin et al. 2017. */
const FOCAL_ALPHA = 0.25;

/**
 * Eq. 5, `coordScale` times the squared error of cx, cy, l, w summed over the anchors that have a box (1_obj), and the objectness that makes it trainable:
 * focal loss (gamma 2, alpha .25) summed over the counted anchors. Both are divided by the number of boxes, where an image without any counts as one: the
 * expectation of eq. 5 is over images, and a batch with a single box among negatives must not pull as hard as a batch full of boxes. With `bce` the
 * objectness is a mean over the counted anchors. Images whose boxes are unknown count for nothing.
 *
 * @param raw [b, rows, columns, K, 5] (4 without objectness)
 * @param target [b, rows, columns, K, 6] of {@link assignTargets}
 * @param known [b, 1]
 */
export function detLoss(raw: tf.Tensor, target: tf.Tensor, known: tf.Tensor, options: DetLossOptions): tf.Scalar {
  const batch = raw.shape[0];
  const values = raw.shape[4]!;
  const anchors = raw.size / batch / values;
  const output = tf.reshape(raw, [batch, anchors, values]);
  const wanted = tf.reshape(target, [batch, anchors, TARGET_VALUES]);
  const column = (tensor: tf.Tensor, from: number, size: number): tf.Tensor =>
    tf.slice(tensor, [0, 0, from], [batch, anchors, size]);
  const image = tf.reshape(known, [batch, 1, 1]);
  const object = tf.mul(column(wanted, 4, 1), image); // [b, n, 1]

  const box = activateBoxes(column(output, 0, BOX_VALUES), options.objectness); // [b, n, 4]
  const squared = tf.sum(tf.squaredDifference(box, column(wanted, 0, BOX_VALUES)), 2, true); // [b, n, 1]
  const boxes = tf.maximum(batchTotal(boxCount(object, image)), 1);
  const coordinates = tf.div(tf.sum(tf.mul(squared, object)), boxes);
  if (!options.objectness) return tf.mul(coordinates, options.coordScale);

  const logit = tf.add(column(output, BOX_VALUES, 1), OBJECT_PRIOR_LOGIT);
  const label = column(wanted, 4, 1);
  const counted = tf.mul(column(wanted, 5, 1), image);
  const entropy = logitCrossEntropy(logit, label); // [b, n, 1]
  const score =
    options.objectnessLoss === 'bce'
      ? tf.div(tf.sum(tf.mul(entropy, counted)), tf.maximum(batchTotal(tf.sum(counted)), 1))
      : tf.div(tf.sum(tf.mul(tf.mul(entropy, focalFactor(logit, label)), counted)), boxes);
  return tf.add(tf.mul(coordinates, options.coordScale), score);
}

/** cx, cy within the cell and l, w in the form of the target, [b, n, 4]: sigmoid and identity, or the paper's ReLU. */
function activateBoxes(raw: tf.Tensor, objectness: boolean): tf.Tensor {
  if (!objectness) return tf.relu(tf.add(raw, tf.tensor1d([...RELU_OFFSETS])));
  const [batch, anchors] = raw.shape as [number, number];
  const centre = tf.sigmoid(tf.slice(raw, [0, 0, 0], [batch, anchors, 2]));
  return tf.concat([centre, tf.slice(raw, [0, 0, 2], [batch, anchors, 2])], 2);
}

/** alpha_t (1 - p_t)^2: little weight where the answer is already right. */
function focalFactor(logit: tf.Tensor, label: tf.Tensor): tf.Tensor {
  const p = tf.sigmoid(logit);
  const wrong = tf.add(tf.mul(label, tf.sub(1, p)), tf.mul(tf.sub(1, label), p)); // 1 - p_t
  const alpha = tf.add(tf.mul(label, 2 * FOCAL_ALPHA - 1), 1 - FOCAL_ALPHA);
  return tf.mul(alpha, tf.square(wrong));
}

/** Boxes of the known images, at least one an image. */
function boxCount(object: tf.Tensor, image: tf.Tensor): tf.Tensor {
  const perImage = tf.sum(object, 1, true); // [b, 1, 1]
  return tf.sum(tf.mul(tf.maximum(perImage, 1), image));
}
