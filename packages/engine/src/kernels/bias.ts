import type { TensorInfo } from '@tensorflow/tfjs';
import { attr } from '../native/attributes.js';
import { stockKernel } from './stock-kernel.js';
import { tf } from '../backend/tfjs.js';
import { FLOAT, kernel } from './kernel.js';

const NHWC = attr.string('data_format', 'NHWC');

/**
 * A vector added along the last axis is a bias: `BiasAdd` is what TensorFlow's rewriters merge with the convolution or matrix product before it. tfjs adds
 * biases with `Add` alone, in `tf.layers` and in its fused ops.
 */
const add = kernel<'a' | 'b'>('Add', (backend, { a, b }) => {
  if (isBias(a, b)) return backend.executeSingleOutput('BiasAdd', [FLOAT, NHWC], [a, b]);
  return stockKernel('Add')({ inputs: { a, b }, backend });
});

/** A sum over all axes but the last is a bias gradient, which has a kernel of its own. */
const sum = kernel<'x', { axis: number | number[]; keepDims: boolean }>('Sum', (backend, { x }, { axis, keepDims }) => {
  const axes = tf.util.parseAxisParam(axis, x.shape);
  const rank = x.shape.length;
  const allButLast = rank >= 2 && !keepDims && axes.length === rank - 1 && axes.every((value) => value !== rank - 1);
  if (allButLast && x.dtype === 'float32' && !x.shape.includes(0))
    return backend.executeSingleOutput('BiasAddGrad', [FLOAT, NHWC], [x]);
  return stockKernel('Sum')({ inputs: { x }, backend, attrs: { axis, keepDims } });
});

function isBias(a: TensorInfo, b: TensorInfo): boolean {
  return (
    a.dtype === 'float32' &&
    b.dtype === 'float32' &&
    a.shape.length >= 2 &&
    b.shape.length === 1 &&
    a.shape.at(-1) === b.shape[0] &&
    !a.shape.includes(0)
  );
}

export const biasKernels = [add, sum];
