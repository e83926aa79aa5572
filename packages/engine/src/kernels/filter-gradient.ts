import type { Tensor } from '@tensorflow/tfjs';
import { tf } from '../backend/tfjs.js';
import { attr } from '../native/attributes.js';
import { FLOAT, kernel } from './kernel.js';
import { stockKernel } from './stock-kernel.js';

interface FilterGradientAttributes {
  readonly strides: number | [number, number];
  readonly pad: unknown;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
}

/**
 * The filter gradient of a 1 x 1 convolution is a matrix product over all pixels, x^T dy. oneDNN's own kernel for it takes up to twice the time of the
 * product (docs/adr/0005); the forward pass and the input gradient take the same either way.
 */
const filterGradient = kernel<'x' | 'dy', FilterGradientAttributes>(
  'Conv2DBackpropFilter',
  (backend, { x, dy }, attributes) => {
    const [height, width, depth, filters] = attributes.filterShape;
    const pointwise =
      height === 1 &&
      width === 1 &&
      attributes.dataFormat === 'NHWC' &&
      x.dtype === 'float32' &&
      x.shape.slice(0, 3).join() === dy.shape.slice(0, 3).join() && // no stride, no padding
      !x.shape.includes(0);
    if (!pointwise)
      return stockKernel('Conv2DBackpropFilter')({ inputs: { x, dy }, backend, attrs: { ...attributes } as never });
    const rows = (tensor: Tensor, columns: number) => tf.reshape(tensor, [-1, columns]); // [b h w, c]
    return tf.tidy(() => {
      const transposed = [FLOAT, attr.bool('transpose_a', true), attr.bool('transpose_b', false)];
      const inputs = [rows(x as Tensor, depth), rows(dy as Tensor, filters)];
      return tf.reshape(backend.executeSingleOutput('MatMul', transposed, inputs), attributes.filterShape);
    });
  },
);

export const filterGradientKernels = [filterGradient];
