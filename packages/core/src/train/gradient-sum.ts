import * as tf from '@tensorflow/tfjs';
import type { Engine } from '../engine/engine.js';
import type { Parameter } from '../model/network.js';
import { mapGradients, type Gradients } from './gradient-norm.js';
import { ShadowVariables } from './shadow-variables.js';

/** Place of a micro-batch in its step. */
export type MicroStep = 'only' | 'first' | 'middle' | 'last';

export function microStep(index: number, count: number): MicroStep {
  if (count === 1) return 'only';
  return index === 0 ? 'first' : index === count - 1 ? 'last' : 'middle';
}

/** Gradients of the micro-batches of one step, summed in native variables; nothing is kept from step to step. */
export class GradientSum {
  private readonly engine: Engine;
  private readonly sums: ShadowVariables;

  constructor(engine: Engine) {
    this.engine = engine;
    this.sums = new ShadowVariables(engine, 'gradient');
  }

  prepare(parameters: readonly Parameter[]): void {
    this.sums.prepare(parameters);
  }

  /**
   * Inside a traced step.
   * @returns the mean over the micro-batches so far, of which the last one's is that of the whole step
   */
  add(place: MicroStep, count: number, parameters: readonly Parameter[], gradients: Gradients): Gradients {
    if (place === 'only') return gradients;
    const byName = new Map(parameters.map((parameter) => [parameter.resource, parameter]));
    return mapGradients(gradients, (gradient, name) => {
      const sum = this.sums.of(byName.get(name) as Parameter);
      const share = tf.div(gradient, count);
      const mean = place === 'first' ? share : tf.add(sum, share);
      if (place !== 'last') this.engine.assign(sum, mean);
      return mean;
    });
  }

  dispose(): void {
    this.sums.dispose();
  }
}
