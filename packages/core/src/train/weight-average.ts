import * as tf from '@tensorflow/tfjs';
import type { Engine } from '../engine/engine.js';
import { loadParameters, readParameters, type Parameter } from '../model/network.js';
import type { NamedTensor } from '../store/safetensors.js';
import { ShadowVariables } from './shadow-variables.js';

/**
 * Share of the old average that a step keeps: `min(decay, (1 + step) / (10 + step))`, so that a short training does not average its random start
 * (as `tf.train.ExponentialMovingAverage` with `num_updates`).
 * @param step of the phase, from 0
 */
export function averageDecayAt(decay: number, step: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}

/**
 * Exponential moving averages of weights and of batch norm's statistics, in float32: `average += (1 - d) * (weight - average)` for what a step moves; what it
 * does not move keeps its average to the byte (Polyak & Juditsky 1992; as in PyTorch's `swa_utils.AveragedModel`).
 */
export class WeightAverage {
  private readonly averages: ShadowVariables;

  constructor(engine: Engine) {
    this.averages = new ShadowVariables(engine, 'average');
  }

  /** Makes room; what is averaged afterwards starts from the values that {@link load} gives. */
  prepare(parameters: readonly Parameter[]): void {
    this.averages.prepare(parameters);
  }

  /** Inside a traced step. @param share 1 - d, a scalar */
  update(engine: Engine, moved: readonly Parameter[], share: tf.Scalar): void {
    for (const parameter of moved) {
      const average = this.averages.of(parameter);
      engine.assign(average, tf.add(average, tf.mul(tf.sub(parameter.variable, average), share)));
    }
  }

  /** Sets the averages of these parameters. */
  load(parameters: readonly Parameter[], values: Readonly<Record<string, NamedTensor>>): string[] {
    return loadParameters(this.shadowed(parameters), values);
  }

  read(parameters: readonly Parameter[]): Promise<Record<string, NamedTensor>> {
    return readParameters(this.shadowed(parameters));
  }

  dispose(): void {
    this.averages.dispose();
  }

  private shadowed(parameters: readonly Parameter[]): Parameter[] {
    return parameters.map((parameter) => ({ ...parameter, variable: this.averages.of(parameter) }));
  }
}
