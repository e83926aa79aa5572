import * as tf from '@tensorflow/tfjs';
import { applyHead, encodeImages } from '../model/forward.js';
import type { HeadModule, Module, Parameter } from '../model/network.js';
import { sumOverRanks } from '../distributed/sum-over-ranks.js';
import type { RankGroup } from '../engine/engine.js';
import {
  assignUpdates,
  batchTotal,
  withStepContext,
  type StatisticUpdate,
  type StepRanks,
} from '../nn/step-context.js';
import type { Gradients } from './gradient-norm.js';
import type { TrainStepConfig } from './train-step.js';

/** What a turn moves. */
export interface MovedParameters {
  /** Trained by gradients. */
  readonly trained: readonly Parameter[];
  /** Batch norm's statistics, which follow the batches. */
  readonly statistics: readonly Parameter[];
}

export function movedBy({ encoder, heads, turn, frozen }: TrainStepConfig): MovedParameters {
  const modules = [encoder, ...Object.values(heads)].filter(({ name }) => turn.train.includes(name));
  const moved = modules.flatMap((module) => module.parameters).filter((parameter) => !frozen(parameter));
  return {
    trained: moved.filter(({ trainable }) => trainable),
    statistics: moved.filter(({ trainable }) => !trainable),
  };
}

/** What the forward and backward pass of a traced step give. */
export interface TracedGradients {
  readonly total: tf.Scalar;
  /** One for each head of each part, in order. */
  readonly losses: readonly tf.Tensor[];
  /** Of the parameters that a loss reaches: a level of the encoder that no head reads has no gradient and does not move. */
  readonly gradients: Gradients;
}

/**
 * Losses, their gradients, and batch norm's new statistics, which are assigned.
 * @param seed int32 [2]
 * @param data for every part its images and for every head its targets and its known mask
 */
export function traceGradients(config: TrainStepConfig, seed: tf.Tensor, data: readonly tf.Tensor[]): TracedGradients {
  const { engine, encoder, heads, turn, frozen } = config;
  const { trained, statistics } = movedBy(config);
  // A module whose every parameter is frozen keeps its batch-norm statistics too, so it runs as at inference.
  const trains = (module: Module): boolean =>
    turn.train.includes(module.name) &&
    module.parameters.some((parameter) => parameter.trainable && !frozen(parameter));
  // Of a module that is frozen in part the frozen layers still run in training mode, but their statistics stay as they are.
  const free = new Set(statistics.map(({ variable }) => variable));
  const updates: StatisticUpdate[] = [];
  const ranks: StepRanks | undefined = config.ranks && { ...config.ranks, datasets: 1, totalled: false };
  const assign = (): void => {
    if (ranks !== undefined && !ranks.syncBatchNorm) averageOverRanks(ranks.group, updates);
    assignUpdates(updates, (variable, value) => {
      if (free.has(variable)) engine.assign(variable, value);
    });
  };
  const losses: tf.Tensor[] = [];

  const totalLoss = (): tf.Scalar =>
    withStepContext({ seed, updates, ...(ranks === undefined ? {} : { ranks }) }, () => {
      const read = data.values();
      const next = (): tf.Tensor => read.next().value as tf.Tensor;
      const parts = turn.parts.map((part) => ({
        images: next(),
        heads: part.heads.map((name) => {
          const head = heads[name] as HeadModule;
          const targets = head.targetShapes.map(next) as [tf.Tensor, ...tf.Tensor[]];
          return { head, targets, known: next() };
        }),
      }));
      const features = encodeParts(
        config,
        parts.map((part) => part.images),
        trains(encoder),
        assign,
        ranks,
      );
      const weighted = parts.flatMap((part, p) =>
        part.heads.map(({ head, targets, known }) => {
          const outputs = applyHead(head, features[p] as tf.Tensor[], trains(head));
          assign();
          const loss = partOfLoss(ranks, known, () => head.head.loss(outputs, targets, known));
          losses.push(tf.keep(loss.clone()));
          return tf.mul(loss, config.weights[head.name] ?? 1);
        }),
      );
      return tf.addN(weighted).asScalar();
    });

  const { value, grads } = tf.variableGrads(
    totalLoss,
    trained.map((parameter) => parameter.variable),
  );
  const gradients = trained.flatMap(({ resource, variable }) => {
    const gradient = grads[variable.name] as tf.Tensor | null | undefined;
    return gradient == null ? [] : [[resource, gradient] as const];
  });
  return { total: value, losses, gradients: Object.fromEntries(gradients) };
}

function encodeParts(
  { encoder, batchNorm }: TrainStepConfig,
  images: readonly tf.Tensor[],
  training: boolean,
  assign: () => void,
  ranks: StepRanks | undefined,
): tf.Tensor[][] {
  if (batchNorm === 'separate' || images.length === 1)
    return images.map((image) => {
      const features = encodeImages(encoder, image, training);
      assign();
      return features;
    });
  const sizes = images.map((image) => image.shape[0]);
  if (ranks !== undefined) ranks.datasets = images.length;
  const together = encodeImages(encoder, tf.concat([...images], 0), training).map((level) => tf.split(level, sizes, 0));
  if (ranks !== undefined) ranks.datasets = 1;
  assign();
  return images.map((_, p) => together.map((parts) => parts[p] as tf.Tensor));
}

/**
 * This rank's part of a loss over the whole batch. A loss that divides by `batchTotal` is one already; any other is a mean over the entries that are known
 * here, and counts by their share of all known ones.
 */
function partOfLoss(ranks: StepRanks | undefined, known: tf.Tensor, loss: () => tf.Scalar): tf.Scalar {
  if (ranks === undefined) return loss();
  ranks.totalled = false;
  const own = loss();
  if (ranks.totalled) return own;
  const count = tf.sum(known);
  return tf.mul(own, tf.div(count, tf.maximum(batchTotal(count), 1)));
}

/** The ranks' moving statistics, which each has of its own part of the batch, stay the same everywhere. */
function averageOverRanks(group: RankGroup, updates: StatisticUpdate[]): void {
  const own = updates.splice(0);
  const sums = sumOverRanks(
    group,
    own.map(({ value }) => value),
  );
  own.forEach(({ variable, value }, i) => {
    updates.push({ variable, value: tf.keep(tf.div(sums[i] as tf.Tensor, group.size)) });
    value.dispose();
  });
}
