import { MultichexnetError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import type { Turn } from '../schedule/turn.js';
import { BatchStream, type BatchStreamConfig } from './batch-stream.js';
import { describeBadStep } from './step-guard.js';
import { SKIPPED } from './step-numbers.js';
import type { StepPosition, TrainStep } from './train-step.js';

export interface TrainingLoop extends BatchStreamConfig {
  readonly name: string;
  /** The compiled step of a turn. */
  readonly stepOf: (turn: Turn, step: number) => TrainStep;
  readonly steps: number;
  readonly positionOf: (step: number, turn: Turn) => StepPosition;
  readonly logger: Logger;
  /** Called after every step with its numbers; may save a checkpoint. @returns whether the training ends with this step */
  readonly onStep: (step: number, values: Readonly<Record<string, number>>, position: StepPosition) => Promise<boolean>;
  /** The newest checkpoint, for messages. */
  readonly checkpoint?: () => string | undefined;
  /** Ends the loop after the running step when aborted. */
  readonly signal?: AbortSignal;
  /** Asked after every step whether all ranks end with it. */
  readonly stopAgreed?: () => boolean;
}

/**
 * Runs steps `from .. steps - 1`. The next batches are read and encoded while the native step runs.
 * @returns the number of steps done in all; less than `steps` when the signal was aborted or `onStep` ended it
 * @throws MultichexnetError TRAIN_LOSS_NOT_FINITE
 */
export async function trainLoop(loop: TrainingLoop, from: number): Promise<number> {
  const stream = new BatchStream(loop, from, loop.steps);
  try {
    return await runSteps(loop, stream, from);
  } finally {
    await stream.close();
  }
}

async function runSteps(loop: TrainingLoop, stream: BatchStream, from: number): Promise<number> {
  const { name, steps, batchSize, logger } = loop;
  const started = performance.now();
  for (let step = from; step < steps; step++) {
    const { turn, batches } = await stream.next();
    const position = loop.positionOf(step, turn);
    const values = await loop.stepOf(turn, step).run(batches, position);
    const bad = values[SKIPPED] === 1 ? undefined : describeBadStep(values, Infinity);
    if (bad !== undefined) {
      const checkpoint = loop.checkpoint?.();
      throw new MultichexnetError(
        'TRAIN_LOSS_NOT_FINITE',
        `phase "${name}": ${bad} at step ${step}; ${checkpoint === undefined ? 'there is no checkpoint yet' : `the last checkpoint is ${checkpoint}`}; lower the learning rate`,
      );
    }
    const ends = await loop.onStep(step, values, position);
    const seconds = (performance.now() - started) / 1000;
    const images = ((step + 1 - from) * batchSize * turn.parts.length) / seconds;
    logger.progress({
      name,
      done: step + 1,
      total: steps,
      detail: `${images.toFixed(0)} img/s  loss ${(values['total'] ?? 0).toFixed(4)}`,
    });
    if (ends || loop.signal?.aborted === true || loop.stopAgreed?.() === true) return step + 1;
  }
  return steps;
}
