import type * as tf from '@tensorflow/tfjs';
import type { HistoryEntry } from '../train/step-history.js';

/** How the losses of one step become one update. A task is a loss of the step, `<head>@<dataset>`; T are their number. */
export interface Weighting {
  /** Start value of a number of each task's own that the phase's optimizer moves with the weights; absent = it has none. */
  readonly start?: number;
  /** What a step takes from the host: as many numbers for every step of T tasks, pure in its argument. */
  readonly host?: (place: HostPlace) => readonly number[];
  /**
   * Inside a traced step: the loss whose gradients move the heads, the tasks' own numbers and - without `combine` - what the tasks share.
   * @param losses T scalars, times the factors of the config
   * @returns a scalar
   */
  readonly total: (losses: readonly tf.Scalar[], given: Given) => tf.Scalar;
  /** Inside a traced step: what becomes of the tasks' gradients of the parameters that they share, the encoder's. */
  readonly combine?: (tasks: TaskGradients, given: Given) => Combination;
}

export interface HostPlace {
  readonly history: readonly HistoryEntry[];
  readonly tasks: readonly string[];
  readonly seed: number;
  readonly step: number;
}

export interface Given {
  /** The tasks' own numbers, T scalars; empty without `start`. */
  readonly numbers: readonly tf.Scalar[];
  /** What `host` gave, [n]. */
  readonly host: tf.Tensor1D;
}

export interface TaskGradients {
  /** T scalars. */
  readonly losses: readonly tf.Scalar[];
  /** Inner products of the tasks' gradients, [T, T]: all that norms and angles depend on. */
  readonly gram: tf.Tensor2D;
}

export interface Combination {
  /** The shared gradient is the sum of the tasks' gradients times these, [T]. */
  readonly shares: tf.Tensor1D;
  /** Gradients of the tasks' own numbers in place of those of `total`, [T]. */
  readonly numbers?: tf.Tensor1D;
}
