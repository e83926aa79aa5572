import * as tf from '@tensorflow/tfjs';
import type { HeadModule, Module } from './network.js';

/** Grey [b, s, s, 1] to the encoder's channels, then the pyramid levels from the finest to the deepest, then the image. */
export function encodeImages(encoder: Module, images: tf.Tensor, training: boolean): tf.Tensor[] {
  const channels = encoder.layers.inputs[0]?.shape[3] ?? 1;
  const input = channels === 1 ? images : tf.tile(images, [1, 1, 1, channels]); // [b, s, s, c]
  return [...asList(encoder.layers.apply(input, { training })), input];
}

/** One head on the pyramid. */
export function applyHead(
  head: HeadModule,
  features: readonly tf.Tensor[],
  training: boolean,
): [tf.Tensor, ...tf.Tensor[]] {
  return asList(head.layers.apply([...features], { training })) as [tf.Tensor, ...tf.Tensor[]];
}

function asList(output: tf.Tensor | tf.Tensor[] | tf.SymbolicTensor | tf.SymbolicTensor[]): tf.Tensor[] {
  return (Array.isArray(output) ? output : [output]) as tf.Tensor[];
}
