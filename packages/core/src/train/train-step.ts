import * as tf from '@tensorflow/tfjs';
import type { Batch, HeadBatch } from '../data/batch.js';
import type { CompiledStep, RankGroup } from '../engine/engine.js';
import type { Parameter } from '../model/network.js';
import { sumOverRanks } from '../distributed/sum-over-ranks.js';
import { clipByNorm, globalNorm, type Gradients } from './gradient-norm.js';
import { microStep, type MicroStep } from './gradient-sum.js';
import { splitBatch } from './split-batch.js';
import { GRADIENT_NORM, SKIPPED } from './step-numbers.js';
import { describeGram, gramNames } from './task-gradients.js';
import { movedBy, ownNumbers, tasksOf, traceGradients } from './trace-gradients.js';
import type { TrainStepConfig } from './train-step-config.js';
import { averageDecayAt } from './weight-average.js';

export interface TrainStep {
  /**
   * Moves the parameters; resolves to the loss of every head, `total`, `gradient/norm` (before clipping) where it is computed, and `guard/skipped` = 1 where
   * the step was bad and moved nothing.
   */
  run(batches: readonly Batch[], position: StepPosition): Promise<Record<string, number>>;
  dispose(): void;
}

export interface StepPosition {
  readonly seed: number;
  readonly step: number;
  readonly learningRate: number;
  /** Of a guarded step: a larger norm of its gradients moves nothing. */
  readonly normLimit?: number;
  /** What the weighting takes from the host. */
  readonly weighting?: readonly number[];
}

/** One turn - forward, losses, gradients, optimizer, moving averages - as one native call, or one for each micro-batch. */
export function createTrainStep(config: TrainStepConfig): TrainStep {
  const { turn, engine } = config;
  const { trained, statistics } = movedBy(config);
  config.average?.weights.prepare([...trained, ...statistics]);
  config.accumulate?.sum.prepare([...trained, ...ownNumbers(config)]);
  const count = config.accumulate?.count ?? 1;
  if (count > 1) config.guarded?.before.prepare(statistics);
  const lossNames = ['total', ...tasksOf(turn)];
  const compiled = new Map<MicroStep, CompiledStep>();
  const stepAt = (place: MicroStep): CompiledStep => {
    let step = compiled.get(place);
    if (step === undefined) {
      const name = ['train', ...(place === 'only' ? [] : [place]), ...lossNames].join(' ');
      step = engine.compile(
        name,
        (inputs) => traceStep(config, place, inputs),
        config.precision === undefined ? {} : { precision: config.precision },
      );
      compiled.set(place, step);
    }
    return step;
  };
  const names = [
    ...lossNames,
    ...(needsNorm(config) ? [GRADIENT_NORM] : []),
    ...(config.guarded === undefined ? [] : [SKIPPED]),
    ...(logsGradients(config) ? gramNames(tasksOf(turn)) : []),
  ];
  const runOne = async (batches: readonly Batch[], position: StepPosition, micro: number): Promise<number[]> => {
    const inputs = hostInputs(config, batches, position, position.step * count + micro);
    try {
      const outputs = await stepAt(microStep(micro, count)).run(inputs);
      const values = await Promise.all(outputs.map((output) => output.data<'float32'>()));
      tf.dispose(outputs);
      const numbers = values.map((value) => value[0] ?? NaN);
      // The last number of the last micro-batch, behind those that have names.
      if (config.ranks !== undefined && micro === count - 1) config.ranks.stop.agreed = numbers.pop() ?? 0;
      return numbers;
    } finally {
      tf.dispose(inputs);
    }
  };
  return {
    run: async (batches, position) => {
      const divided = batches.map((batch) => splitBatch(batch, count));
      let values: number[] = [];
      const sums = lossNames.map(() => 0);
      for (let micro = 0; micro < count; micro++) {
        // No norm is below such a limit: what was bad in one micro-batch is bad for the step.
        const limit = sums.every(Number.isFinite) ? {} : { normLimit: -1 };
        values = await runOne(
          divided.map((parts) => parts[micro] as Batch),
          { ...position, ...limit },
          micro,
        );
        sums.forEach((sum, i) => (sums[i] = sum + (values[i] ?? NaN)));
      }
      const means = sums.map((sum) => sum / count);
      return Object.fromEntries(names.map((name, i) => [name, means[i] ?? values[i] ?? NaN]));
    },
    dispose: () => {
      for (const step of compiled.values()) step.dispose();
    },
  };
}

/**
 * Order of the step's inputs: seed, learning rate; then, each where it is asked for, share of the new weights in their averages, limit of the norm, numbers of
 * the weighting, vote of this rank; then for every part its images and for every head its targets and its known mask.
 * @param draw tells apart the dropout masks of all micro-batches
 */
function hostInputs(
  { turn, average, guarded, ranks, weighting }: TrainStepConfig,
  batches: readonly Batch[],
  { seed, step, learningRate, normLimit = Infinity, weighting: numbers = [] }: StepPosition,
  draw: number,
): tf.Tensor[] {
  const inputs: tf.Tensor[] = [
    tf.tensor1d([seed | 0, draw | 0], 'int32'), // [2]
    tf.scalar(learningRate),
  ];
  if (average !== undefined) inputs.push(tf.scalar(1 - averageDecayAt(average.decay, step)));
  if (guarded !== undefined) inputs.push(tf.scalar(normLimit));
  if (weighting?.method.host !== undefined) inputs.push(tf.tensor1d([...numbers], 'float32'));
  if (ranks !== undefined) inputs.push(tf.scalar(ranks.stop.own));
  turn.parts.forEach(({ heads }, p) => {
    const batch = batches[p] as Batch;
    inputs.push(tf.tensor(batch.images, [...batch.imageShape]));
    for (const head of heads) {
      const { targets, known } = batch.heads[head] as HeadBatch;
      for (const { data, shape } of targets) inputs.push(tf.tensor(data, [...shape]));
      inputs.push(tf.tensor(known.data, [...known.shape]));
    }
  });
  return inputs;
}

function needsNorm({ clipNorm = 0, guarded }: TrainStepConfig): boolean {
  return clipNorm > 0 || guarded !== undefined;
}

/** Of an encoder that does not move there are no gradients. */
function logsGradients(config: TrainStepConfig): boolean {
  const { encoder, logGradients = false } = config;
  return logGradients && movedBy(config).trained.some((parameter) => encoder.parameters.includes(parameter));
}

function traceStep(config: TrainStepConfig, place: MicroStep, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  const { engine, optimizer, average, accumulate, ranks, weighting, guarded, clipNorm = 0 } = config;
  const read = inputs.values();
  const next = (): tf.Tensor => read.next().value as tf.Tensor;
  const seed = next();
  const learningRate = next() as tf.Scalar;
  const share = average === undefined ? undefined : (next() as tf.Scalar);
  const limit = guarded === undefined ? undefined : (next() as tf.Scalar);
  const host = weighting?.method.host === undefined ? undefined : (next() as tf.Tensor1D);
  const vote = ranks === undefined ? undefined : next();
  const { trained, statistics } = movedBy(config);
  const numbers = ownNumbers(config);
  const before = guarded?.before.keep(place, statistics) ?? [];
  const { total, losses, gradients: own, gram } = traceGradients(config, seed, [...read], host);
  const mean = accumulate?.sum.add(place, accumulate.count, [...trained, ...numbers], own) ?? own;
  let reported: tf.Tensor[] = [total, ...losses];
  const last = place === 'only' || place === 'last';
  let gradients = mean;
  let agreed: tf.Tensor | undefined;
  if (ranks !== undefined) {
    const sent = last ? [...reported, vote as tf.Tensor] : reported;
    const sums = sumWithGradients(ranks.group, last ? mean : {}, sent);
    gradients = sums.gradients;
    reported = sums.numbers;
    if (last) agreed = reported.pop();
  }
  if (!last) return reported;

  let good: tf.Tensor | undefined;
  if (needsNorm(config)) {
    const norm = globalNorm(gradients);
    reported.push(norm);
    if (limit !== undefined) {
      good = tf.logicalAnd(tf.isFinite(tf.add(reported[0] as tf.Tensor, norm)), tf.lessEqual(norm, limit));
      reported.push(tf.cast(tf.logicalNot(good), 'float32'));
      for (const [i, { variable }] of statistics.entries())
        engine.assign(variable, tf.where(good, variable, before[i] as tf.Tensor));
    }
    if (clipNorm > 0) gradients = clipByNorm(gradients, norm, clipNorm);
  }
  const isReached = ({ resource }: Parameter): boolean => gradients[resource] !== undefined;
  const reached = trained.filter(isReached);
  optimizer.apply(
    Object.fromEntries(
      [...reached, ...numbers.filter(isReached)].map(({ resource, variable }) => [resource, variable]),
    ),
    gradients,
    learningRate,
    good,
  );
  if (share !== undefined) {
    const moved = good === undefined ? share : tf.where(good, share, 0).asScalar();
    average?.weights.update(engine, [...reached, ...statistics], moved);
  }
  if (gram !== undefined && logsGradients(config)) reported.push(...describeGram(gram));
  return agreed === undefined ? reported : [...reported, agreed];
}

/** Over the ranks. What was computed last comes first: the backward pass has the deepest layers' gradients before those of the first. */
function sumWithGradients(
  group: RankGroup,
  gradients: Gradients,
  numbers: readonly tf.Tensor[],
): { gradients: Gradients; numbers: tf.Tensor[] } {
  const names = Object.keys(gradients).reverse();
  const sums = sumOverRanks(group, [...numbers, ...names.map((name) => gradients[name] as tf.Tensor)]);
  const summed = names.map((name, i) => [name, sums[numbers.length + i] as tf.Tensor] as const);
  return { gradients: Object.fromEntries(summed.reverse()), numbers: sums.slice(0, numbers.length) };
}
