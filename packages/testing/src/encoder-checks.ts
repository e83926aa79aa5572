import { withStepContext, type EncoderPlugin, type Engine, type StatisticUpdate } from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { buildEncoder, namedVariables, type BuiltEncoder } from './build-model.js';
import type { Check } from './checks.js';
import { expectCloseSteps, type StepValues } from './expect-close-steps.js';
import { reloadModel } from './reload-model.js';
import { needEngine } from './test-engine.js';
import { toyValues } from './toy-features.js';

export interface EncoderSetup {
  readonly plugin: EncoderPlugin;
  readonly options: object;
}

/** Checks of an encoder: its pyramid, its gradients, its statistics, its isolation. */
export function encoderChecks({ plugin, options }: EncoderSetup): Check[] {
  const create = (seed = 1): BuiltEncoder => buildEncoder(plugin.create(options, { seed }), { seed });
  const withEncoders =
    (seeds: readonly number[], fn: (...encoders: BuiltEncoder[]) => void | Promise<void>) => async () => {
      const encoders = seeds.map(create);
      try {
        await fn(...encoders);
      } finally {
        for (const { model } of encoders) model.dispose();
      }
    };
  return [
    {
      name: 'levels go from fine to deep and fit the input',
      run: withEncoders([1], ({ levels, inputSize, inputChannels }: BuiltEncoder) => {
        expect([1, 3]).toContain(inputChannels);
        expect(levels.length).toBeGreaterThan(0);
        expect(new Set(levels.map(({ name }) => name)).size, 'level names are unique').toBe(levels.length);
        const strides = levels.map(({ stride }) => stride);
        expect(strides, 'strides rise').toEqual([...new Set(strides)].sort((a, b) => a - b));
        for (const { name, stride, shape } of levels)
          expect(shape.slice(0, 2), `cells of "${name}"`).toEqual([inputSize / stride, inputSize / stride]);
      }),
    },
    {
      name: 'shapes at batch 1 and 3',
      run: withEncoders([1], (encoder: BuiltEncoder) => {
        for (const batch of [1, 3]) {
          const outputs = tf.tidy(() => encoder.apply(toyImage(encoder, batch), { training: false }));
          expect(outputs.map(({ shape }) => shape)).toEqual(encoder.levels.map(({ shape }) => [batch, ...shape]));
          for (const output of outputs)
            expect(output.dataSync().every(Number.isFinite), 'features are finite').toBe(true);
          tf.dispose(outputs);
        }
      }),
    },
    {
      name: 'every trainable variable gets a gradient',
      run: withEncoders([1], (encoder: BuiltEncoder) => {
        const values = eagerStep(encoder);
        for (const weight of encoder.model.trainableWeights) {
          const gradient = values[`gradient of ${weight.originalName}`];
          expect(gradient?.every(Number.isFinite), `finite gradient of "${weight.originalName}"`).toBe(true);
          expect(
            gradient?.some((g) => g !== 0),
            `gradient of "${weight.originalName}" is not all zero`,
          ).toBe(true);
        }
      }),
    },
    {
      name: 'inference does not depend on the other images of a batch',
      run: withEncoders([1], (encoder: BuiltEncoder) => {
        tf.tidy(() => {
          const both = encoder.apply(toyImage(encoder, 2), { training: false });
          const alone = encoder.apply(toyImage(encoder, 1), { training: false });
          alone.forEach((level, l) =>
            expect(difference(level, tf.slice(both[l]!, [0, 0, 0, 0], level.shape)), `level ${l}`).toBeLessThan(1e-4),
          );
        });
      }),
    },
    {
      name: 'a traced step computes what an eager one does',
      run: async (context) => {
        const engine = await needEngine(context);
        const encoder = create();
        const eager = eagerStep(encoder);
        const traced = await tracedStep(engine, encoder);
        encoder.model.dispose();
        expectCloseSteps(traced, eager);
      },
    },
    {
      name: 'the same seed gives the same numbers, another seed others',
      run: withEncoders([1, 1, 2], (a: BuiltEncoder, b: BuiltEncoder, c: BuiltEncoder) => {
        expect(weightsOf(b)).toEqual(weightsOf(a));
        expect(weightsOf(c)).not.toEqual(weightsOf(a));
        expect(eagerStep(b)).toEqual(eagerStep(a));
      }),
    },
    {
      name: 'two instances do not share state',
      run: withEncoders([1, 1], (a: BuiltEncoder, b: BuiltEncoder) => {
        const before = weightsOf(b);
        for (const variable of Object.values(namedVariables(a.model)))
          tf.tidy(() => variable.assign(tf.add(variable, 1)));
        expect(weightsOf(b)).toEqual(before);
      }),
    },
    {
      name: 'a saved model loads in plain TensorFlow.js with the same outputs',
      run: withEncoders([1], async (encoder: BuiltEncoder) => {
        const loaded = await reloadModel(encoder.model);
        tf.tidy(() => {
          const image = toyImage(encoder, 1);
          const expected = encoder.apply(image, { training: false });
          const actual = loaded.predict(image);
          (Array.isArray(actual) ? actual : [actual]).forEach((level, l) =>
            expect(difference(level, expected[l]!), `level ${l}`).toBeLessThan(1e-4),
          );
        });
        loaded.dispose();
      }),
    },
    {
      name: 'no tensor leaks across steps and predictions',
      run: withEncoders([1], (encoder: BuiltEncoder) => {
        const cycle = (): number => {
          eagerStep(encoder);
          tf.dispose(tf.tidy(() => encoder.apply(toyImage(encoder, 1), { training: false })));
          return tf.memory().numTensors;
        };
        const counts = [cycle(), cycle(), cycle()];
        expect(counts).toEqual([counts[0], counts[0], counts[0]]);
      }),
    },
    {
      name: 'disposing a model frees its weights',
      run: () => {
        const before = tf.memory().numTensors;
        create().model.dispose();
        expect(tf.memory().numTensors).toBe(before);
      },
    },
  ];
}

/** Grey values 0..1 as the trainer feeds them, [b, size, size, channels]. */
function toyImage({ inputSize, inputChannels }: BuiltEncoder, batch: number): tf.Tensor {
  return tf.tidy(() => {
    const grey = tf.add(tf.mul(toyValues([batch, inputSize, inputSize, 1], 3), 0.5), 0.5);
    return inputChannels === 1 ? grey : tf.tile(grey, [1, 1, 1, 3]);
  });
}

/** An imagined loss that every level takes part in: the mean square of each. */
function differentiate(
  encoder: BuiltEncoder,
  [seed, image]: readonly tf.Tensor[],
): { names: string[]; tensors: tf.Tensor[] } {
  const updates: StatisticUpdate[] = [];
  const weights = encoder.model.trainableWeights.map((weight) => ({
    name: weight.originalName,
    variable: weight.read() as tf.Variable,
  }));
  const { value, grads } = tf.variableGrads(
    () =>
      withStepContext({ seed: seed!, updates }, () =>
        tf.addN(encoder.apply(image!, { training: true }).map((level) => tf.mean(tf.square(level)))).asScalar(),
      ),
    weights.map(({ variable }) => variable),
  );
  return {
    names: ['loss', ...weights.map(({ name }) => `gradient of ${name}`), ...updates.map((_, i) => `update ${i}`)],
    tensors: [value, ...weights.map(({ variable }) => grads[variable.name]!), ...updates.map((update) => update.value)],
  };
}

function weightsOf({ model }: BuiltEncoder): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(namedVariables(model)).map(([name, variable]) => [name, [...variable.dataSync()]]),
  );
}

/** The largest difference of two tensors, in units of the second's largest value. */
function difference(actual: tf.Tensor, expected: tf.Tensor): number {
  return tf.tidy(() => {
    const scale = tf.maximum(tf.max(tf.abs(expected)), 1e-6);
    return tf.div(tf.max(tf.abs(tf.sub(actual, expected))), scale).dataSync()[0]!;
  });
}

function stepInputs(encoder: BuiltEncoder): tf.Tensor[] {
  return [tf.tensor1d([1, 1], 'int32'), toyImage(encoder, 2)];
}

function eagerStep(encoder: BuiltEncoder): StepValues {
  const inputs = stepInputs(encoder);
  const { names, tensors } = differentiate(encoder, inputs);
  const values = tensors.map((tensor) => [...tensor.dataSync()]);
  tf.dispose([inputs, tensors]);
  return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
}

async function tracedStep(engine: Engine, encoder: BuiltEncoder): Promise<StepValues> {
  let names: string[] = [];
  const inputs = stepInputs(encoder);
  const step = engine.compile('encoder conformance', (traced) => {
    const result = differentiate(encoder, traced);
    ({ names } = result);
    return result.tensors;
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
