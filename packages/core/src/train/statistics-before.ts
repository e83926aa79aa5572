import type * as tf from '@tensorflow/tfjs';
import type { Engine } from '../engine/engine.js';
import type { Parameter } from '../model/network.js';
import type { MicroStep } from './gradient-sum.js';
import { ShadowVariables } from './shadow-variables.js';

/** Batch norm's statistics as they were before a step of several micro-batches, to which a bad step goes back. */
export class StatisticsBefore {
  private readonly engine: Engine;
  private readonly before: ShadowVariables;

  constructor(engine: Engine) {
    this.engine = engine;
    this.before = new ShadowVariables(engine, 'before');
  }

  prepare(statistics: readonly Parameter[]): void {
    this.before.prepare(statistics);
  }

  /**
   * Inside a traced step, ahead of its forward pass.
   * @returns the values before the whole step, in the order of `statistics`
   */
  keep(place: MicroStep, statistics: readonly Parameter[]): tf.Tensor[] {
    return statistics.map((parameter) => {
      if (place === 'only') return parameter.variable.clone();
      const before = this.before.of(parameter);
      if (place === 'first') this.engine.assign(before, parameter.variable);
      return before.clone();
    });
  }

  dispose(): void {
    this.before.dispose();
  }
}
