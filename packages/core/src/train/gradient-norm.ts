import * as tf from '@tensorflow/tfjs';

/** Gradients by the native name of their parameter. */
export type Gradients = Readonly<Record<string, tf.Tensor>>;

/** The norm of all gradients as one vector, []. */
export function globalNorm(gradients: Gradients): tf.Scalar {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  return tf.sqrt(tf.addN(squares)).asScalar();
}

/** Every gradient times `min(1, limit / (norm + 1e-6))` (Pascanu et al. 2013; PyTorch's `clip_grad_norm_`). */
export function clipByNorm(gradients: Gradients, norm: tf.Scalar, limit: number): Gradients {
  const factor = tf.minimum(1, tf.div(limit, tf.add(norm, 1e-6)));
  return mapGradients(gradients, (gradient) => tf.mul(gradient, factor));
}

export function mapGradients(gradients: Gradients, fn: (gradient: tf.Tensor, name: string) => tf.Tensor): Gradients {
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, fn(gradient, name)]));
}
