import * as tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs';
import type { RankGroup } from '../engine/engine.js';
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
  /** Where several processes take the step together, each with its part of the batch. */
  readonly ranks?: StepRanks;
}

export interface StepRanks {
  readonly group: RankGroup;
  /** Whether batch norm normalises by the whole batch or by this process's part. */
  readonly syncBatchNorm: boolean;
  /** How many datasets' images stand one after the other in the batch that layers see now. */
  datasets: number;
  /** Whether {@link batchTotal} was called since this was last set to false. */
  totalled: boolean;
  /** What tensors of this step that are concatenations of channels consist of. */
  readonly parts: Map<Tensor, readonly Tensor[]>;
  /** Moments over the whole batch, [2, c], of the tensors that synchronised batch norm has seen in this step. Kept: whoever made the map disposes them. */
  readonly moments: Map<Tensor, Tensor2D>;
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

/** The ranks of the running step, if it has several. */
export function stepRanks(): StepRanks | undefined {
  return active.get()?.ranks;
}

/**
 * A count over this process's part of the batch -> the same over the whole batch of the step, without a gradient. A mean over the batch is a sum over this
 * part divided by it, so that the losses of all processes add up to the loss of the whole batch; where one process trains alone it is `count` itself.
 */
export function batchTotal(count: Tensor): Tensor {
  const ranks = stepRanks();
  if (ranks === undefined) return count;
  ranks.totalled = true;
  const total = tf.customGrad((x) => ({
    value: ranks.group.sum(x as Tensor),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }));
  return total(count);
}

/** Hands every recorded update to `assign` in order and disposes the values; `updates` is empty afterwards. */
export function assignUpdates(updates: StatisticUpdate[], assign: (variable: Variable, value: Tensor) => void): void {
  for (const { variable, value } of updates.splice(0)) {
    assign(variable, value);
    value.dispose();
  }
}
