import {
  assignUpdates,
  withStepContext,
  type AnyHead,
  type AnyHeadPlugin,
  type Engine,
  type ImageGeometry,
  type OutputValue,
  type StatisticUpdate,
} from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { buildHead, namedVariables, type BuiltHead } from './build-model.js';
import { toyBatch, toyLevels } from './toy-features.js';

export interface HeadSetup {
  readonly plugin: AnyHeadPlugin;
  readonly options: object;
  readonly labels: readonly unknown[];
  readonly inputSize: number;
  /** Optimisation steps in which the loss of the toy batch must fall. */
  readonly steps: number;
}

/** Targets of labels as the trainer makes them. */
export interface Targets {
  readonly targets: tf.Tensor[];
  readonly known: tf.Tensor;
}

/** One instance of a head on the toy pyramid, with what a trainer does to it. */
export class HeadRun {
  readonly setup: HeadSetup;
  readonly head: AnyHead;
  readonly built: BuiltHead;
  readonly #optimizer = tf.train.adam(0.01);
  #step = 0;

  constructor(setup: HeadSetup, seed = 1) {
    this.setup = setup;
    this.head = setup.plugin.create(setup.options, { seed });
    const { inputSize } = setup;
    this.built = buildHead(
      this.head,
      { levels: toyLevels(inputSize), inputSize, inputChannels: 3 },
      { seed },
      setup.plugin.kind,
    );
  }

  get trainable(): tf.Variable[] {
    return this.built.model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  }

  weights(): Record<string, number[]> {
    return Object.fromEntries(
      Object.entries(namedVariables(this.built.model)).map(([name, variable]) => [name, [...variable.dataSync()]]),
    );
  }

  /** Outputs for the toy batch. */
  predict(batchSize: number): tf.Tensor[] {
    return tf.tidy(() => {
      const { features, image } = toyBatch(this.setup.inputSize, batchSize, toyLevels(this.setup.inputSize));
      return this.built.apply(features, image, { training: false });
    });
  }

  encode(labels: readonly unknown[]): Targets {
    const { head, built, setup } = this;
    const shapes: readonly (readonly number[])[] = head.targetShapes?.(setup.inputSize) ?? built.outputShapes;
    const knownSize = head.knownSize ?? 1;
    const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
    const data = sizes.map((size) => new Float32Array(size * labels.length));
    const known = new Float32Array(knownSize * labels.length);
    labels.forEach((label, row) => {
      if (label === undefined) return;
      known.set(head.known?.(label) ?? [1], row * knownSize);
      head.encode(label, { inputSize: setup.inputSize }).forEach((value, t) => {
        data[t]!.set(typeof value === 'number' ? [value] : value, row * sizes[t]!);
      });
    });
    return {
      targets: shapes.map((shape, t) => tf.tensor(data[t]!, [labels.length, ...shape])),
      known: tf.tensor(known, [labels.length, knownSize]),
    };
  }

  loss(outputs: tf.Tensor[], { targets, known }: Targets): tf.Scalar {
    return this.head.loss(outputs as [tf.Tensor], targets as [tf.Tensor], known);
  }

  /** Loss in training mode and its gradient by variable name; statistics are recorded but not assigned. */
  gradients(
    labels: readonly unknown[],
    updates: StatisticUpdate[] = [],
  ): { value: tf.Scalar; grads: tf.NamedTensorMap } {
    const inputs = this.#inputs(labels);
    const result = this.#differentiate(inputs, updates);
    tf.dispose(inputs);
    return result;
  }

  /** Everything that one training step computes, eagerly: loss, gradients, new statistics, by name. */
  eagerStep(labels: readonly unknown[]): Record<string, number[]> {
    const updates: StatisticUpdate[] = [];
    const { value, grads } = this.gradients(labels, updates);
    const names = this.#names(updates);
    const tensors = [value, ...Object.values(grads), ...updates.map((update) => update.value)];
    const values = tensors.map((tensor) => [...tensor.dataSync()]);
    tf.dispose(tensors);
    return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  }

  /** The same as one traced native call. */
  async tracedStep(engine: Engine, labels: readonly unknown[]): Promise<Record<string, number[]>> {
    let names: string[] = [];
    const inputs = this.#inputs(labels);
    const step = engine.compile(`conformance ${this.setup.plugin.kind}`, (traced) => {
      const updates: StatisticUpdate[] = [];
      const { value, grads } = this.#differentiate(traced, updates);
      names = this.#names(updates);
      return [value, ...Object.values(grads), ...updates.map((update) => update.value)];
    });
    try {
      const outputs = await step.run(inputs);
      const values = await Promise.all(outputs.map(async (output) => [...(await output.data<'float32'>())]));
      tf.dispose(outputs);
      return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    } finally {
      tf.dispose(inputs);
      step.dispose();
    }
  }

  #names(updates: readonly StatisticUpdate[]): string[] {
    return [
      'loss',
      ...this.trainable.map(({ name }) => `gradient of ${name}`),
      ...updates.map(({ variable }) => `update of ${variable.name}`),
    ];
  }

  /** Seed, levels, image, targets, known: what a trainer feeds. */
  #inputs(labels: readonly unknown[]): tf.Tensor[] {
    const { targets, known } = this.encode(labels);
    const { features, image } = toyBatch(this.setup.inputSize, labels.length, toyLevels(this.setup.inputSize));
    return [tf.tensor1d([1, this.#step], 'int32'), ...features, image, ...targets, known];
  }

  #differentiate(
    inputs: readonly tf.Tensor[],
    updates: StatisticUpdate[],
  ): { value: tf.Scalar; grads: tf.NamedTensorMap } {
    const levels = toyLevels(this.setup.inputSize).length;
    const [seed, ...rest] = inputs as [tf.Tensor, ...tf.Tensor[]];
    const [features, image] = [rest.slice(0, levels), rest[levels]!];
    const [targets, known] = [rest.slice(levels + 1, -1), rest.at(-1)!];
    return tf.variableGrads(
      () =>
        withStepContext({ seed, updates }, () =>
          this.loss(this.built.apply(features, image, { training: true }), { targets, known }),
        ),
      this.trainable,
    );
  }

  /** One optimisation step on the toy batch; returns the loss before it. */
  step(labels: readonly unknown[]): number {
    const updates: StatisticUpdate[] = [];
    const { value, grads } = this.gradients(labels, updates);
    this.#optimizer.applyGradients(
      this.trainable.map((variable) => ({ name: variable.name, tensor: grads[variable.name]! })),
    );
    assignUpdates(updates, (variable, next) => variable.assign(next));
    this.#step++;
    const loss = value.dataSync()[0]!;
    tf.dispose([value, grads]);
    return loss;
  }

  /** Each sample's outputs from batched ones. */
  outputs(batched: readonly tf.Tensor[]): OutputValue[][] {
    const flat = batched.map((output) => output.dataSync());
    return Array.from({ length: batched[0]!.shape[0] }, (_, row) =>
      flat.map((values, t) => outputOf(values, row, batched[t]!.shape.slice(1))),
    );
  }

  /** Each sample's prediction from batched outputs. */
  decode(batched: readonly tf.Tensor[], geometry: ImageGeometry): unknown[] {
    return this.outputs(batched).map((values): unknown => this.head.decode(values as [number], geometry));
  }

  dispose(): void {
    this.#optimizer.dispose();
    this.built.model.dispose();
  }
}

/** A number for shape [1], else a copy of the sample's values. */
function outputOf(values: ArrayLike<number>, row: number, shape: readonly number[]): OutputValue {
  if (shape.length === 1 && shape[0] === 1) return values[row]!;
  const size = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: size }, (_, i) => values[row * size + i]!);
}
