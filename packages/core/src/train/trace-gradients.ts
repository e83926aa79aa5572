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
import type { Turn } from '../schedule/turn.js';
import type { Given } from '../weighting/weighting.js';
import { TaskGradientRows } from './task-gradients.js';
import type { TrainStepConfig } from './train-step-config.js';

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

/** The numbers of the tasks' own that the step's weighting has, in the order of its losses. */
export function ownNumbers({ turn, weighting }: TrainStepConfig): Parameter[] {
  return tasksOf(turn).flatMap((task) => weighting?.numbers[task] ?? []);
}

/** Names of a turn's losses, `<head>@<dataset>`. */
export function tasksOf({ parts }: Pick<Turn, 'parts'>): string[] {
  return parts.flatMap(({ dataset, heads }) => heads.map((head) => `${head}@${dataset}`));
}

/** What the forward and backward pass of a traced step give. */
export interface TracedGradients {
  readonly total: tf.Scalar;
  /** One for each head of each part, in order. */
  readonly losses: readonly tf.Tensor[];
  /** Of the parameters that a loss reaches: a level of the encoder that no head reads has no gradient and does not move. */
  readonly gradients: Gradients;
  /** Inner products of the losses' gradients of the encoder, [T, T], where they are asked for. */
  readonly gram?: tf.Tensor2D;
}

/**
 * Losses, their gradients, and batch norm's new statistics, which are assigned.
 * @param seed int32 [2]
 * @param data for every part its images and for every head its targets and its known mask
 * @param host what the weighting takes from the host
 */
export function traceGradients(
  config: TrainStepConfig,
  seed: tf.Tensor,
  data: readonly tf.Tensor[],
  host?: tf.Tensor1D,
): TracedGradients {
  const { engine, encoder, heads, turn, frozen, weighting, logGradients = false } = config;
  const { trained, statistics } = movedBy(config);
  // A module whose every parameter is frozen keeps its batch-norm statistics too, so it runs as at inference.
  const trains = (module: Module): boolean =>
    turn.train.includes(module.name) &&
    module.parameters.some((parameter) => parameter.trainable && !frozen(parameter));
  // Of a module that is frozen in part the frozen layers still run in training mode, but their statistics stay as they are.
  const free = new Set(statistics.map(({ variable }) => variable));
  const updates: StatisticUpdate[] = [];
  const ranks: StepRanks | undefined = config.ranks && {
    ...config.ranks,
    ...{ datasets: 1, totalled: false, parts: new Map(), moments: new Map() },
  };
  const assign = (): void => {
    if (ranks !== undefined && !ranks.syncBatchNorm) averageOverRanks(ranks.group, updates);
    assignUpdates(updates, (variable, value) => {
      if (free.has(variable)) engine.assign(variable, value);
    });
  };
  const losses: tf.Scalar[] = [];
  const own = ownNumbers(config);
  const given = (): Given => ({
    numbers: own.map(({ variable }) => variable as tf.Variable<tf.Rank.R0>),
    host: host ?? tf.tensor1d([]),
  });
  const shared = trained.filter((parameter) => encoder.parameters.includes(parameter));
  const combines = weighting?.method.combine !== undefined && shared.length > 0;
  let rows: TaskGradientRows | undefined;

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
          return tf.mul<tf.Scalar>(loss, config.weights[head.name] ?? 1);
        }),
      );
      if (combines || (logGradients && shared.length > 0)) rows = new TaskGradientRows(weighted, shared);
      return weighting === undefined ? tf.addN(weighted).asScalar() : weighting.method.total(weighted, given());
    });

  const variables = [...trained, ...own].map((parameter) => parameter.variable);
  let derived: ReturnType<typeof tf.variableGrads>;
  try {
    derived = tf.variableGrads(totalLoss, variables);
  } finally {
    tf.dispose([...(ranks?.moments.values() ?? [])]);
  }
  const { value, grads } = derived;
  const entries = [...trained, ...own].flatMap(({ resource, variable }) => {
    const gradient = grads[variable.name] as tf.Tensor | null | undefined;
    return gradient == null ? [] : [[resource, gradient] as const];
  });
  const gradients: Gradients = Object.fromEntries(entries);
  const traced = { total: value, losses };
  if (rows === undefined) return { ...traced, gradients };
  const gram = rows.gram();
  const combination = combines ? weighting?.method.combine?.({ losses, gram }, given()) : undefined;
  const numbers = combination?.numbers === undefined ? [] : tf.unstack(combination.numbers);
  const combined = {
    ...gradients,
    ...(combination === undefined ? {} : rows.combine(combination.shares)),
    ...Object.fromEntries(numbers.map((gradient, i) => [(own[i] as Parameter).resource, gradient])),
  };
  rows.dispose();
  return { ...traced, gradients: combined, gram };
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
