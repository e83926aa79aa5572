import * as tf from '@tensorflow/tfjs';
import type { Parameter } from '../model/network.js';
import type { Gradients } from './gradient-norm.js';

/** Gradients of several losses with respect to parameters that they share, each as one vector. */
export class TaskGradientRows {
  /** T vectors [P]. */
  private readonly rows: readonly tf.Tensor1D[];
  private readonly shared: readonly Parameter[];

  /**
   * Within the forward pass whose gradients are taken, so that it is gone through once, and back once for each loss.
   * @param losses T scalars
   */
  constructor(losses: readonly tf.Scalar[], shared: readonly Parameter[]) {
    this.shared = shared;
    this.rows = losses.map((loss) => {
      const variables = shared.map(({ variable }) => variable);
      const { grads } = tf.engine().gradients(() => loss, variables, undefined, true);
      const parts = variables.map(({ size }, i) => {
        const gradient = grads[i] as tf.Tensor | null | undefined;
        return gradient == null ? tf.zeros([size]) : tf.reshape(gradient, [size]);
      });
      // Kept: the pass disposes what it does not return.
      return tf.keep(tf.concat1d(parts as tf.Tensor1D[]));
    });
  }

  /** Inner products, [T, T]. */
  gram(): tf.Tensor2D {
    const products = this.rows.map((a) => tf.stack(this.rows.map((b) => tf.sum(tf.mul(a, b)))));
    return tf.stack(products) as tf.Tensor2D;
  }

  /** The sum of the rows times their shares [T], by parameter. */
  combine(shares: tf.Tensor1D): Gradients {
    const weights = tf.unstack(shares) as tf.Scalar[];
    const sum = tf.addN(this.rows.map((row, i) => tf.mul(row, weights[i] as tf.Scalar)));
    const parts = tf.split(
      sum,
      this.shared.map(({ variable }) => variable.size),
      0,
    );
    return Object.fromEntries(
      this.shared.map(({ resource, variable }, i) => [resource, tf.reshape(parts[i] as tf.Tensor, variable.shape)]),
    );
  }

  dispose(): void {
    tf.dispose([...this.rows]);
  }
}

/** Names of what {@link describeGram} gives: the norm of every task's gradient, and the cosine of every two. */
export function gramNames(tasks: readonly string[]): string[] {
  const pairs = tasks.flatMap((a, i) => tasks.slice(i + 1).map((b) => `gradient/cosine/${a},${b}`));
  return [...tasks.map((task) => `gradient/norm/${task}`), ...pairs];
}

/** @param gram [T, T] @returns scalars; the cosine with a gradient of zero is 0 */
export function describeGram(gram: tf.Tensor2D): tf.Tensor[] {
  const count = gram.shape[0];
  const at = (i: number, j: number): tf.Tensor => tf.reshape(tf.slice(gram, [i, j], [1, 1]), []);
  const norms = Array.from({ length: count }, (_, i) => tf.sqrt(at(i, i)));
  const cosines = norms.flatMap((a, i) =>
    norms.slice(i + 1).map((b, k) => tf.divNoNan(at(i, i + 1 + k), tf.mul(a, b))),
  );
  return [...norms, ...cosines];
}
