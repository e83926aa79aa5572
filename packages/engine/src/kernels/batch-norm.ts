import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import { tf } from '../backend/tfjs.js';
import { EngineError } from '../errors.js';
import { attr, type OpAttribute } from '../native/attributes.js';
import { DType } from '../native/dtype.js';
import { FLOAT, kernel } from './kernel.js';

const attributes = (epsilon: number, training: boolean): OpAttribute[] => [
  FLOAT,
  attr.type('U', DType.FLOAT),
  attr.float('epsilon', epsilon),
  attr.string('data_format', 'NHWC'),
  attr.bool('is_training', training),
];

/**
 * `FusedBatchNormTraining`: x [b, h, w, c], gamma [c], beta [c] -> y [b, h, w, c], batch mean [c], batch variance [c] (with Bessel's correction, as
 * TensorFlow returns it for moving averages) and three opaque tensors for the gradient.
 */
const training = kernel<'x' | 'gamma' | 'beta', { epsilon: number }>(
  'FusedBatchNormTraining',
  (backend, { x, gamma, beta }, { epsilon }) => {
    assertChannels('FusedBatchNormTraining', x, { gamma, beta });
    const none = tf.tensor1d([], 'float32');
    const outputs = backend.executeMultipleOutputs(
      'FusedBatchNormV3',
      [...attributes(epsilon, true), attr.float('exponential_avg_factor', 1)],
      [x, gamma, beta, none, none],
      6,
    );
    none.dispose();
    return outputs;
  },
);

/**
 * dy [b, h, w, c] and what the forward pass left -> gradients of x, gamma and beta. With `frozen` r1 and r2 are a mean and a variance [c] that are taken for
 * constants.
 */
const trainingGradient = kernel<'dy' | 'x' | 'gamma' | 'r1' | 'r2' | 'r3', { epsilon: number; frozen?: boolean }>(
  'FusedBatchNormTrainingGrad',
  (backend, { dy, x, gamma, r1, r2, r3 }, { epsilon, frozen = false }) => {
    const [dx, dgamma, dbeta, ...rest] = backend.executeMultipleOutputs(
      'FusedBatchNormGradV3',
      attributes(epsilon, !frozen),
      [dy, x, gamma, r1, r2, r3],
      5,
    );
    tf.dispose(rest);
    return [dx, dgamma, dbeta] as TensorInfo[];
  },
);

/** tfjs's inference batch norm, on the op that TensorFlow's graph rewriters know how to merge into a convolution. */
const inference = kernel<'x' | 'mean' | 'variance' | 'scale' | 'offset', { varianceEpsilon: number }>(
  'FusedBatchNorm',
  (backend, { x, mean, variance, scale, offset }, { varianceEpsilon }) =>
    tf.tidy(() => {
      if (mean.shape.length > 1) return unfused({ x, mean, variance, scale, offset }, varianceEpsilon);
      const depth = x.shape[3] as number;
      const gamma = (scale as TensorInfo | undefined | null) ?? tf.ones([depth]);
      const beta = (offset as TensorInfo | undefined | null) ?? tf.zeros([depth]);
      assertChannels('FusedBatchNorm', x, { mean, variance, scale: gamma, offset: beta });
      const all = [...attributes(varianceEpsilon, false), attr.float('exponential_avg_factor', 1)];
      return backend.executeMultipleOutputs('FusedBatchNormV3', all, [x, gamma, beta, mean, variance], 6)[0]!;
    }),
);

/** For statistics with more than one axis, which the fused op does not take. */
function unfused(inputs: Readonly<Record<string, TensorInfo | null | undefined>>, epsilon: number): Tensor {
  const { x, mean, variance, scale, offset } = inputs as Record<string, Tensor | null | undefined>;
  const inverse = tf.rsqrt(tf.add(variance as Tensor, epsilon));
  const normal = tf.mul(tf.sub(x as Tensor, mean as Tensor), scale ? tf.mul(inverse, scale) : inverse);
  return offset ? tf.add(normal, offset) : normal;
}

function assertChannels(name: string, x: TensorInfo, vectors: Readonly<Record<string, TensorInfo>>): void {
  if (x.shape.length !== 4)
    throw new EngineError(
      'NATIVE_ARGUMENT',
      `${name}: x must have the shape [b, h, w, c], got [${x.shape.join(', ')}].`,
    );
  for (const [key, vector] of Object.entries(vectors)) {
    if (vector.shape.length === 1 && vector.shape[0] === x.shape[3]) continue;
    throw new EngineError(
      'NATIVE_ARGUMENT',
      `${name}: ${key} must have the shape [${x.shape[3]}], got [${vector.shape.join(', ')}].`,
    );
  }
}

export const batchNormKernels = [training, trainingGradient, inference];
