import * as tf from '@tensorflow/tfjs';
import type { Engine } from '../engine/engine.js';
import type { Parameter } from '../model/network.js';

/** Numbers of the pools differ, since two may live in one process. */
let serial = 0;

/** The tasks' own numbers of a weighting, as parameters that the optimizer moves; each is made when it is first asked for. */
export class TaskNumbers {
  private readonly engine: Engine;
  private readonly prefix = `weighting.${serial++}`;
  private readonly parameters = new Map<string, Parameter>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  of(task: string): Parameter {
    let parameter = this.parameters.get(task);
    if (parameter === undefined) {
      const variable = tf.tidy(() => tf.variable(tf.scalar(0)));
      const name = `weighting/${task}`;
      parameter = { name, resource: `${this.prefix}:${name}`, variable, trainable: true, decision: false };
      this.engine.adopt({ [parameter.resource]: variable });
      this.parameters.set(task, parameter);
    }
    return parameter;
  }

  dispose(): void {
    this.engine.release([...this.parameters.values()].map(({ variable }) => variable));
    this.parameters.clear();
  }
}
