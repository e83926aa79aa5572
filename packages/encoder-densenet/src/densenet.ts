import {
  batchNorm,
  claimName,
  concatenate,
  connect,
  conv2d,
  relu,
  type FeaturePyramid,
  type PyramidLevel,
} from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import type { Architecture } from './architecture.js';
import type { Normalisation } from './options.js';

export interface DenseNetConfig extends Architecture {
  readonly normalise: Normalisation;
  readonly momentum: number;
}

/**
 * DenseNet (Huang et al. 2017) with Keras' layers and names: zero padding in front of the stem, so that PyTorch's weights give PyTorch's features. Levels:
 * the end of every dense block but the last, in front of its transition, then `relu`; the small stem's output comes first.
 *
 * @param image [b, size, size, channels] in 0..1
 */
export function buildDenseNet(image: tf.SymbolicTensor, config: DenseNetConfig): FeaturePyramid {
  const size = image.shape[1]!;
  const levels: PyramidLevel[] = [];
  const addLevel = (tensor: tf.SymbolicTensor): void => {
    levels.push({ name: tensor.sourceLayer.name, stride: size / tensor.shape[1]!, tensor });
  };
  const bnRelu = (x: tf.SymbolicTensor, name: string, activation: string): tf.SymbolicTensor =>
    relu(activation)(batchNorm({ name, momentum: config.momentum })(x));
  const convolution = (
    x: tf.SymbolicTensor,
    name: string,
    filters: number,
    kernelSize: number,
    strides = 1,
  ): tf.SymbolicTensor =>
    conv2d({ name, filters, kernelSize, strides, padding: kernelSize === 1 ? 'valid' : 'same', useBias: false })(x);

  const stem = (input: tf.SymbolicTensor): tf.SymbolicTensor => {
    if (config.stem === 'small') {
      const fine = bnRelu(convolution(input, 'conv1_conv', config.stemFilters, 5, 2), 'conv1_bn', 'conv1_relu'); // [b, s/2, s/2, f]
      addLevel(fine);
      return connect(tf.layers.maxPooling2d({ poolSize: 2, strides: 2, name: claimName('pool', 'pool1') }))(fine);
    }
    const padded = pad(3, 'conv1_pad')(input);
    const conv = conv2d({
      name: 'conv1_conv',
      filters: config.stemFilters,
      kernelSize: 7,
      strides: 2,
      padding: 'valid',
      useBias: false,
    })(padded);
    const edged = pad(1, 'pool1_pad')(bnRelu(conv, 'conv1_bn', 'conv1_relu')); // [b, s/2 + 2, s/2 + 2, 64]
    return connect(tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name: claimName('pool', 'pool1') }))(edged); // [b, s/4, s/4, 64]
  };

  let x = stem(normalise(image, config.normalise));
  config.blocks.forEach((layers, block) => {
    const stage = block + 2;
    for (let layer = 1; layer <= layers; layer++) {
      const name = `conv${stage}_block${layer}`;
      let y = bnRelu(x, `${name}_0_bn`, `${name}_0_relu`);
      if (config.bottleneck > 0)
        y = bnRelu(convolution(y, `${name}_1_conv`, config.bottleneck, 1), `${name}_1_bn`, `${name}_1_relu`);
      y = convolution(y, `${name}_2_conv`, config.growth, 3);
      x = concatenate([x, y], `${name}_concat`); // [b, h, w, c + growth]
    }
    if (block === config.blocks.length - 1) return;
    addLevel(x);
    const half = Math.floor(x.shape[3]! / 2);
    x = convolution(bnRelu(x, `pool${stage}_bn`, `pool${stage}_relu`), `pool${stage}_conv`, half, 1);
    x = connect(tf.layers.averagePooling2d({ poolSize: 2, strides: 2, name: claimName('pool', `pool${stage}_pool`) }))(
      x,
    ); // [b, h/2, w/2, half]
  });
  const deepest = bnRelu(x, 'bn', 'relu');
  addLevel(deepest);
  return { levels, deepest, input: image };
}

const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/** (x - mean) / deviation as scale and offset of a standard layer, so that a saved model carries it. */
function normalise(image: tf.SymbolicTensor, kind: Normalisation): tf.SymbolicTensor {
  const channels = image.shape[3]!;
  if (kind === 'unit') return image;
  const [mean, deviation] =
    kind === 'torch'
      ? channels === 3
        ? [MEAN, DEVIATION]
        : [[average(MEAN)], [average(DEVIATION)]]
      : kind === 'symmetric'
        ? [[0.5], [0.5]]
        : [[0.5056], [0.252]];
  const scale = deviation.map((d) => 1 / d);
  const offset = mean.map((m, i) => -m / deviation[i]!);
  // the layer multiplies and adds by broadcasting, so vectors [c] work although its type says number
  const layer = tf.layers.rescaling({
    scale: scale as never,
    offset: offset as never,
    name: claimName('normalise', 'normalise'),
  });
  return connect(layer)(image);
}

function average(values: readonly number[]): number {
  return values.reduce((a, b) => a + b) / values.length;
}

function pad(by: number, name: string): (x: tf.SymbolicTensor) => tf.SymbolicTensor {
  return connect(tf.layers.zeroPadding2d({ padding: by, name: claimName('pad', name) }));
}
