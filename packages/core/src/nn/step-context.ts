import type { Tensor, Variable } from '@tensorflow/tfjs';
import { MultichexnetError } from '../errors.js';
import { createSlot } from './global-slot.js';

/** A new value of a variable that no gradient moves: batch norm's moving statistics. */
export interface StatisticUpdate {
  readonly variable: Variable;
  /** Kept (`tf.keep`): whoever assigns it disposes it. */
  readonly value: Tensor;
}

export interface StepContext {
  /** int32 [2]: (run seed, step), an input of the traced step, so that every step draws its own dropout masks. */
  readonly seed: Tensor;
  /** Layers in training mode append here; the trainer assigns after the gradients, so that a traced step writes each variable once. */
  readonly updates: StatisticUpdate[];
}

const active = createSlot<StepContext>('step-context');

/** Runs the forward pass of one training step; layers called with `training: true` read the seed and leave their updates in `context`. */
export function withStepContext<T>(context: StepContext, fn: () => T): T {
  return active.run(context, fn);
}

/** @throws {MultichexnetError} NN_NO_STEP_CONTEXT */
export function currentStep(layer: string): StepContext {
  const step = active.get();
  if (step === undefined) {
    throw new MultichexnetError(
      'NN_NO_STEP_CONTEXT',
      `layer "${layer}" was called with training: true outside of a training step: wrap the forward pass in withStepContext({ seed, updates }, fn)`,
    );
  }
  return step;
}

/** Hands every recorded update to `assign` in order and disposes the values; `updates` is empty afterwards. */
export function assignUpdates(updates: StatisticUpdate[], assign: (variable: Variable, value: Tensor) => void): void {
  for (const { variable, value } of updates.splice(0)) {
    assign(variable, value);
    value.dispose();
  }
}
