import * as tf from '@tensorflow/tfjs';
import type { Batch, HeadBatch } from '../data/batch.js';
import type { CompiledStep, Engine, Optimizer } from '../engine/engine.js';
import { applyHead, encodeImages } from '../model/forward.js';
import type { HeadModule, Module, Parameter } from '../model/network.js';
import { assignUpdates, withStepContext, type StatisticUpdate } from '../nn/step-context.js';
import type { Turn } from '../schedule/turn.js';

export interface TrainStepConfig {
  readonly engine: Engine;
  readonly encoder: Module;
  readonly heads: Readonly<Record<string, HeadModule>>;
  readonly optimizer: Optimizer;
  readonly turn: Omit<Turn, 'visits'>;
  /** Factor of each head's loss in eq. 8; default 1. */
  readonly weights: Readonly<Record<string, number>>;
  /** Parameters of trained modules that stay fixed all the same (`encoder`, `cls.features`). */
  readonly frozen: (parameter: Parameter) => boolean;
  /** Whether batch norm sees each dataset's batch alone or all images of the step together. */
  readonly batchNorm: 'separate' | 'together';
}

export interface TrainStep {
  /** Moves the parameters; resolves to the loss of every head and `total`. */
  run(batches: readonly Batch[], position: StepPosition): Promise<Record<string, number>>;
  dispose(): void;
}

export interface StepPosition {
  readonly seed: number;
  readonly step: number;
  readonly learningRate: number;
}

/** One turn - forward, losses, gradients, optimizer, moving averages - as one native call. */
export function createTrainStep(config: TrainStepConfig): TrainStep {
  const { turn } = config;
  const lossNames = ['total', ...turn.parts.flatMap(({ dataset, heads }) => heads.map((head) => `${head}@${dataset}`))];
  const compiled: CompiledStep = config.engine.compile(`train ${lossNames.join(' ')}`, (inputs) =>
    traceTurn(config, inputs),
  );
  return {
    run: async (batches, position) => {
      const inputs = hostInputs(config, batches, position);
      try {
        const outputs = await compiled.run(inputs);
        const values = await Promise.all(outputs.map((output) => output.data<'float32'>()));
        tf.dispose(outputs);
        return Object.fromEntries(lossNames.map((name, i) => [name, values[i]?.[0] ?? NaN]));
      } finally {
        tf.dispose(inputs);
      }
    },
    dispose: () => compiled.dispose(),
  };
}

/** Order of the step's inputs: seed, learning rate, then for every part its images and for every head its targets and its known mask. */
function hostInputs({ turn }: TrainStepConfig, batches: readonly Batch[], position: StepPosition): tf.Tensor[] {
  const inputs: tf.Tensor[] = [
    tf.tensor1d([position.seed | 0, position.step | 0], 'int32'), // [2]
    tf.scalar(position.learningRate),
  ];
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

function traceTurn(config: TrainStepConfig, inputs: tf.Tensor[]): tf.Tensor[] {
  const { engine, encoder, heads, optimizer, turn, frozen } = config;
  const [seed, learningRate, ...data] = inputs as [tf.Tensor, tf.Scalar, ...tf.Tensor[]];
  const moves = (module: string): boolean => turn.train.includes(module);
  const modules = [encoder, ...Object.values(heads)].filter((module) => moves(module.name));
  const moved = modules
    .flatMap((module) => module.parameters)
    .filter((parameter) => parameter.trainable && !frozen(parameter));
  // A module whose every parameter is frozen keeps its batch-norm statistics too, so it runs as at inference.
  const trains = (module: Module): boolean =>
    moves(module.name) && module.parameters.some((parameter) => parameter.trainable && !frozen(parameter));
  // Of a module that is frozen in part the frozen layers still run in training mode, but their statistics stay as they are.
  const fixed = new Set(modules.flatMap((module) => module.parameters.filter(frozen)).map(({ variable }) => variable));
  const updates: StatisticUpdate[] = [];
  const assign = (): void =>
    assignUpdates(updates, (variable, value) => {
      if (!fixed.has(variable)) engine.assign(variable, value);
    });
  const reported: tf.Tensor[] = [];

  const totalLoss = (): tf.Scalar =>
    withStepContext({ seed, updates }, () => {
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
      );
      const losses = parts.flatMap((part, p) =>
        part.heads.map(({ head, targets, known }) => {
          const outputs = applyHead(head, features[p] as tf.Tensor[], trains(head));
          assign();
          const loss = head.head.loss(outputs, targets, known);
          reported.push(tf.keep(loss.clone()));
          return tf.mul(loss, config.weights[head.name] ?? 1);
        }),
      );
      return tf.addN(losses).asScalar();
    });

  const { value, grads } = tf.variableGrads(
    totalLoss,
    moved.map((parameter) => parameter.variable),
  );
  // A parameter that no loss of this turn reaches (an encoder level that no head reads) has no gradient and does not move.
  const reached = moved.filter((parameter) => (grads[parameter.variable.name] as tf.Tensor | null | undefined) != null);
  optimizer.apply(
    Object.fromEntries(reached.map((parameter) => [parameter.resource, parameter.variable])),
    Object.fromEntries(reached.map((parameter) => [parameter.resource, grads[parameter.variable.name] as tf.Tensor])),
    learningRate,
  );
  return [value, ...reported];
}

function encodeParts(
  { encoder, batchNorm }: TrainStepConfig,
  images: readonly tf.Tensor[],
  training: boolean,
  assign: () => void,
): tf.Tensor[][] {
  if (batchNorm === 'separate' || images.length === 1)
    return images.map((image) => {
      const features = encodeImages(encoder, image, training);
      assign();
      return features;
    });
  const sizes = images.map((image) => image.shape[0]);
  const together = encodeImages(encoder, tf.concat([...images], 0), training).map((level) => tf.split(level, sizes, 0));
  assign();
  return images.map((_, p) => together.map((parts) => parts[p] as tf.Tensor));
}
