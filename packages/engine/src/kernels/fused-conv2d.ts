import type { Tensor, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import { tf } from '../backend/tfjs.js';
import { kernel } from './kernel.js';
import { stockKernel } from './stock-kernel.js';

interface FusedAttributes {
  readonly strides: number | [number, number];
  readonly pad: number | 'same' | 'valid';
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dilations: number | [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly activation: string;
  readonly leakyreluAlpha?: number;
}

/** tfjs-node's own takes channels last alone. In NCHW a vector of bias or slopes runs along the first axis of an image. */
const fusedConv2d = kernel<'x' | 'filter' | 'bias' | 'preluActivationWeights', FusedAttributes>(
  'FusedConv2D',
  (backend, inputs, attributes) => {
    if (attributes.dataFormat === 'NHWC')
      return stockKernel('FusedConv2D')({ inputs: { ...inputs }, backend, attrs: { ...attributes } });
    const { strides, pad, dataFormat, dilations, dimRoundingMode, activation, leakyreluAlpha } = attributes;
    return tf.tidy(() => {
      const product = tf.conv2d(
        inputs.x as Tensor4D,
        inputs.filter as Tensor4D,
        strides,
        pad,
        dataFormat,
        dilations,
        dimRoundingMode,
      );
      const bias = channelsFirst(inputs.bias);
      const sum = bias === undefined ? product : tf.add(product, bias);
      return backend.applyActivation(sum, activation, channelsFirst(inputs.preluActivationWeights), leakyreluAlpha);
    });
  },
);

function channelsFirst(vector: TensorInfo | null | undefined): Tensor | undefined {
  if (vector === null || vector === undefined) return undefined;
  return vector.shape.length === 1 ? tf.reshape(vector as Tensor, [...vector.shape, 1, 1]) : (vector as Tensor);
}

export const fusedConv2dKernels = [fusedConv2d];
