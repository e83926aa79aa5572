import * as tf from '@tensorflow/tfjs';
import type { Engine } from '../engine/engine.js';
import type { Parameter } from '../model/network.js';

/** A native variable beside each parameter and of its shape (its average, its summed gradient), made when it is first prepared. */
export class ShadowVariables {
  private readonly engine: Engine;
  private readonly suffix: string;
  private readonly shadows = new Map<string, tf.Variable>();

  constructor(engine: Engine, suffix: string) {
    this.engine = engine;
    this.suffix = suffix;
  }

  /** Before tracing, since a traced step makes no variables. They start as zeros. */
  prepare(parameters: readonly Parameter[]): void {
    const missing = parameters.filter(({ resource }) => !this.shadows.has(resource));
    const made = missing.map(({ resource, variable }) => {
      const shadow = tf.tidy(() => tf.variable(tf.zeros(variable.shape), false));
      this.shadows.set(resource, shadow);
      return [`${resource}/${this.suffix}`, shadow] as const;
    });
    if (made.length > 0) this.engine.adopt(Object.fromEntries(made));
  }

  of({ resource, name }: Parameter): tf.Variable {
    const shadow = this.shadows.get(resource);
    if (shadow === undefined) throw new Error(`${name} has no ${this.suffix}: it was not prepared`);
    return shadow;
  }

  dispose(): void {
    this.engine.release([...this.shadows.values()]);
    this.shadows.clear();
  }
}
