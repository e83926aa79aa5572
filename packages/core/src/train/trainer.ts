import { encodeBatch, type Batch } from '../data/batch.js';
import type { ImageSource } from '../data/image-source.js';
import type { PreparedImage } from '../data/prepared-image.js';
import { MultichexnetError } from '../errors.js';
import type { BatchDrawer } from '../gate/draw-batch.js';
import type { Logger } from '../log/logger.js';
import type { HeadModule } from '../model/network.js';
import type { Schedule, Turn } from '../schedule/turn.js';
import { learningRateAt, type LearningRateConfig } from './learning-rate.js';
import type { TrainStep } from './train-step.js';

/** One dataset as a phase trains on it. */
export interface TrainingData {
  readonly source: ImageSource;
  /** Who draws the batches of a turn that trains these heads. */
  readonly drawerOf: (heads: readonly string[]) => BatchDrawer;
}

export interface TrainingLoop {
  readonly name: string;
  readonly schedule: Schedule;
  readonly data: Readonly<Record<string, TrainingData>>;
  readonly heads: Readonly<Record<string, HeadModule>>;
  /** The compiled step of a turn. */
  readonly stepOf: (turn: Turn) => TrainStep;
  readonly steps: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly learningRate: LearningRateConfig;
  /** Applied to each image of a training batch; pure in (seed, sample, draw). */
  readonly augment?: (image: PreparedImage, draw: number) => PreparedImage;
  readonly logger: Logger;
  /** Called after every step with its losses; may save a checkpoint. */
  readonly onStep: (step: number, losses: Readonly<Record<string, number>>) => Promise<void>;
  /** Ends the loop after the running step when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Runs steps `from .. steps - 1`. The next batch is read and encoded while the native step runs.
 * @returns the number of steps done in all; less than `steps` when the signal was aborted
 * @throws MultichexnetError TRAIN_LOSS_NOT_FINITE
 */
export async function trainLoop(loop: TrainingLoop, from: number): Promise<number> {
  const { name, steps, batchSize, seed, logger } = loop;
  if (from >= steps) return steps;
  const started = performance.now();
  let next = prepareTurn(loop, from);
  for (let step = from; step < steps; step++) {
    const { turn, batches } = await next;
    const running = loop.stepOf(turn).run(batches, {
      seed,
      step,
      learningRate: learningRateAt(loop.learningRate, step, steps),
    });
    if (step + 1 < steps) {
      next = prepareTurn(loop, step + 1);
      next.catch(() => undefined); // reported when it is awaited
    }
    const losses = await running;
    for (const [loss, value] of Object.entries(losses))
      if (!Number.isFinite(value))
        throw new MultichexnetError(
          'TRAIN_LOSS_NOT_FINITE',
          `phase "${name}": loss ${loss} is ${value} at step ${step}; lower the learning rate`,
        );
    await loop.onStep(step, losses);
    const seconds = (performance.now() - started) / 1000;
    const images = ((step + 1 - from) * batchSize * turn.parts.length) / seconds;
    logger.progress({
      name,
      done: step + 1,
      total: steps,
      detail: `${images.toFixed(0)} img/s  loss ${(losses['total'] ?? 0).toFixed(4)}`,
    });
    if (loop.signal?.aborted === true) return step + 1;
  }
  return steps;
}

async function prepareTurn(loop: TrainingLoop, step: number): Promise<{ turn: Turn; batches: Batch[] }> {
  const turn = loop.schedule.turn(step, loop.seed);
  const batches = await Promise.all(
    turn.parts.map(async ({ dataset, heads }, p) => {
      const { source, drawerOf } = loop.data[dataset] as TrainingData;
      const visit = turn.visits[p] as number;
      const indices = drawerOf(heads).draw(visit, loop.batchSize);
      const images = await Promise.all(indices.map((index) => source.load(index)));
      const seen = loop.augment === undefined ? images : images.map((image, i) => augmented(loop, image, visit, i));
      return encodeBatch(seen, Object.fromEntries(heads.map((head) => [head, loop.heads[head] as HeadModule])));
    }),
  );
  return { turn, batches };
}

function augmented(loop: TrainingLoop, image: PreparedImage, visit: number, place: number): PreparedImage {
  return loop.augment?.(image, visit * loop.batchSize + place) ?? image;
}
