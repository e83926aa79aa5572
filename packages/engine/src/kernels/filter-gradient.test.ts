import type { Engine } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../index.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

const [batch, side, depth, filters] = [2, 5, 3, 4];
const wave = (shape: number[], step: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * step)),
    shape,
  );

/** Sum over all outputs that a filter's weight takes part in, written out. */
function expected(x: tf.Tensor4D, dy: tf.Tensor4D, size: number, stride: number): number[] {
  const [image, error] = [x.arraySync(), dy.arraySync()];
  const sums: number[] = [];
  for (let u = 0; u < size; u++)
    for (let v = 0; v < size; v++)
      for (let c = 0; c < depth; c++)
        for (let f = 0; f < filters; f++) {
          let sum = 0;
          for (let b = 0; b < batch; b++)
            for (const [i, row] of error[b]!.entries())
              for (const [j, cell] of row.entries()) sum += cell[f]! * image[b]![i * stride + u]![j * stride + v]![c]!;
          sums.push(sum);
        }
  return sums;
}

test.each([
  [1, 1],
  [1, 2],
  [3, 1],
  [3, 2],
])('gradient of filters of %i pixels a side at stride %i, in and outside of a step', async (size, stride) => {
  const out = Math.floor((side - size) / stride) + 1;
  const x = wave([batch, side, side, depth], 0.7) as tf.Tensor4D;
  const dy = wave([batch, out, out, filters], 1.3) as tf.Tensor4D;
  const filter = wave([size, size, depth, filters], 0.3) as tf.Tensor4D;
  const gradient = (images: tf.Tensor4D, error: tf.Tensor4D): tf.Tensor =>
    tf.grad((w) => tf.conv2d(images, w as tf.Tensor4D, stride, 'valid'))(filter, error);
  const step = engine.compile('gradient', ([images, error]) => [gradient(images as tf.Tensor4D, error as tf.Tensor4D)]);
  const [traced] = await step.run([x, dy]);
  const wanted = expected(x, dy, size, stride);
  for (const got of [gradient(x, dy), traced!]) {
    expect(got.shape).toEqual([size, size, depth, filters]);
    got.dataSync().forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 4));
  }
});
