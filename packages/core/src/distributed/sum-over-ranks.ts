import * as tf from '@tensorflow/tfjs';
import type { RankGroup } from '../engine/engine.js';

/** Elements of one sum over the ranks (4 MB): large enough for the network, small enough that the next can be computed meanwhile. */
const BUCKET = 2 ** 20;

/**
 * Inside a traced step: the elementwise sum over the ranks of each tensor. They travel together, in a few large pieces instead of one for each.
 *
 * @param tensors float32 of any shapes, the same on every rank
 */
export function sumOverRanks(group: RankGroup, tensors: readonly tf.Tensor[]): tf.Tensor[] {
  const sums: tf.Tensor[] = [];
  for (const bucket of buckets(tensors)) {
    const flat = bucket.map((tensor) => tf.reshape(tensor, [tensor.size]));
    const sum = group.sum(flat.length === 1 ? (flat[0] as tf.Tensor1D) : tf.concat(flat, 0));
    const parts =
      flat.length === 1
        ? [sum]
        : tf.split(
            sum,
            bucket.map(({ size }) => size),
            0,
          );
    bucket.forEach((tensor, i) => sums.push(tf.reshape(parts[i] as tf.Tensor, tensor.shape)));
  }
  return sums;
}

function buckets(tensors: readonly tf.Tensor[]): tf.Tensor[][] {
  const all: tf.Tensor[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    if (tensor.size > room) {
      all.push([]);
      room = BUCKET;
    }
    all.at(-1)?.push(tensor);
    room -= tensor.size;
  }
  return all;
}
