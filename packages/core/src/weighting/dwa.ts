import * as tf from '@tensorflow/tfjs';
import type { HistoryEntry } from '../train/step-history.js';
import type { HostPlace, Weighting } from './weighting.js';

export interface DwaOptions {
  /** Large = equal weights. */
  readonly temperature: number;
  /** Steps of a window, whose mean losses are compared; the paper takes epochs. */
  readonly every: number;
}

/** The default window of a training of so many steps: a tenth of them, from 10 to 100, so that weights move in a short one too and are not noise. */
export function dwaWindow(steps: number): number {
  return Math.min(100, Math.max(10, Math.round(steps / 10)));
}

/** Dynamic weight average (Liu, Johns & Davison 2019, eq. 7): tasks whose loss falls more slowly weigh more, `T softmax((L(t-1) / L(t-2)) / temperature)`. */
export function dwa({ temperature, every }: DwaOptions): Weighting {
  return {
    host: (place) => dwaWeights(place, temperature, every),
    total: (losses, { host }) => {
      const weights = tf.unstack(host) as tf.Scalar[];
      return tf.addN(losses.map((loss, i) => tf.mul(loss, weights[i] as tf.Scalar))).asScalar();
    },
  };
}

/** 1 for all before two windows are over, or where a task was not seen in one of them. */
function dwaWeights({ history, tasks, step }: HostPlace, temperature: number, every: number): number[] {
  const window = Math.floor(step / every);
  const mean = (task: string, index: number): number =>
    meanLoss(history.slice(index * every, (index + 1) * every), task);
  const equal = tasks.map(() => 1);
  if (window < 2) return equal;
  const rates = tasks.map((task) => mean(task, window - 1) / mean(task, window - 2));
  if (!rates.every(Number.isFinite)) return equal;
  const highest = Math.max(...rates);
  const powers = rates.map((rate) => Math.exp((rate - highest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => (tasks.length * power) / sum);
}

function meanLoss(entries: readonly HistoryEntry[], task: string): number {
  const losses = entries.flatMap((entry) => entry[task] ?? []);
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}
