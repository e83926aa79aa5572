import * as tf from '@tensorflow/tfjs';
import { claimName, currentBuild } from './build-context.js';
import { seededInitializer, type InitializerKind } from './initializer.js';
import { stepRanks } from './step-context.js';

/** A layer waiting for its input. */
export type Connect = (x: tf.SymbolicTensor) => tf.SymbolicTensor;
export type Activation = 'linear' | 'relu' | 'sigmoid' | 'tanh' | 'softmax';

/** Fully connected: [b, n] -> [b, units]. Glorot-uniform kernel (`<name>/kernel`), zero bias. */
export function dense(units: number, activation: Activation = 'linear', name?: string): Connect {
  const own = claimName('dense', name);
  return connect(
    tf.layers.dense({
      units,
      activation,
      name: own,
      kernelInitializer: weights('glorotUniform', own),
      biasInitializer: 'zeros',
    }),
  );
}

export interface Conv2dOptions {
  readonly filters: number;
  /** Pixels per side of the square kernel. */
  readonly kernelSize: number;
  readonly strides?: number;
  readonly padding?: 'same' | 'valid';
  /** Leave it out before batch norm, whose beta does the same. */
  readonly useBias?: boolean;
  readonly activation?: Activation;
  readonly initializer?: InitializerKind;
  readonly name?: string;
}

/** Convolution: [b, h, w, c] -> [b, h / strides, w / strides, filters]. He-normal kernel by default (relu follows). */
export function conv2d(options: Conv2dOptions): Connect {
  return connect(tf.layers.conv2d(convolution('conv2d', options)));
}

/** Transposed convolution: [b, h, w, c] -> [b, h * strides, w * strides, filters] with `same` padding. */
export function convTranspose2d(options: Conv2dOptions): Connect {
  return connect(tf.layers.conv2dTranspose(convolution('conv2d_transpose', options)));
}

function convolution(kind: string, options: Conv2dOptions): Parameters<typeof tf.layers.conv2d>[0] {
  const name = claimName(kind, options.name);
  return {
    name,
    filters: options.filters,
    kernelSize: options.kernelSize,
    strides: options.strides ?? 1,
    padding: options.padding ?? 'same',
    useBias: options.useBias ?? true,
    activation: options.activation ?? 'linear',
    kernelInitializer: weights(options.initializer ?? 'heNormal', name),
    biasInitializer: 'zeros',
  };
}

/** Mean over the positions: [b, h, w, c] -> [b, c]. */
export function globalAveragePool(x: tf.SymbolicTensor, name?: string): tf.SymbolicTensor {
  return connect(tf.layers.globalAveragePooling2d({ name: claimName('global_average_pool', name) }))(x);
}

export function relu(name?: string): Connect {
  return connect(tf.layers.activation({ activation: 'relu', name: claimName('relu', name) }));
}

/** `max(x, alpha x)`. */
export function leakyRelu(alpha: number, name?: string): Connect {
  return connect(tf.layers.leakyReLU({ alpha, name: claimName('leaky_relu', name) }));
}

/** Along the channels: [b, h, w, c1], [b, h, w, c2], ... -> [b, h, w, c1 + c2 + ...]. */
export function concatenate(inputs: tf.SymbolicTensor[], name?: string): tf.SymbolicTensor {
  const layer = tf.layers.concatenate({ axis: -1, name: claimName('concatenate', name) });
  const call = layer.call.bind(layer);
  layer.call = (tensors, options) => {
    const whole = call(tensors, options) as tf.Tensor;
    stepRanks()?.parts.set(whole, tensors as tf.Tensor[]);
    return whole;
  };
  return layer.apply(inputs) as tf.SymbolicTensor;
}

/** Any other tfjs layer without random weights, e.g. pooling; its name must be claimed by the caller. */
export function connect(layer: tf.layers.Layer): Connect {
  return (x) => layer.apply(x) as tf.SymbolicTensor;
}

function weights(kind: InitializerKind, layer: string): ReturnType<typeof seededInitializer> {
  const { seed, initial } = currentBuild();
  return seededInitializer(initial === 'loaded' ? 'zeros' : kind, seed, `${layer}/kernel`);
}
