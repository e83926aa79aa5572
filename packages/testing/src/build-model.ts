import * as tf from '@tensorflow/tfjs';
import {
  MultichexnetError,
  withBuildContext,
  type AnyHead,
  type Encoder,
  type PluginContext,
} from '@multichexnet/core';

/** One level of a built encoder, without its batch dimension. */
export interface LevelShape {
  readonly name: string;
  /** Input pixels per cell. */
  readonly stride: number;
  /** [height, width, channels] */
  readonly shape: readonly [number, number, number];
}

export interface BuiltEncoder {
  readonly model: tf.LayersModel;
  readonly inputSize: number;
  readonly inputChannels: 1 | 3;
  /** From the finest to the deepest. */
  readonly levels: readonly LevelShape[];
  /** Image [b, size, size, channels] in 0..1 -> one tensor per level. */
  apply(image: tf.Tensor, mode: { readonly training: boolean }): tf.Tensor[];
}

export interface BuiltHead {
  readonly model: tf.LayersModel;
  /** Makes `apply` run another model of the same inputs, e.g. one that was saved and loaded. */
  replaceModel(model: tf.LayersModel): void;
  /** Output shapes without the batch dimension. */
  readonly outputShapes: readonly (readonly number[])[];
  /** The encoder's level tensors and its image -> outputs. */
  apply(levels: readonly tf.Tensor[], image: tf.Tensor, mode: { readonly training: boolean }): tf.Tensor[];
}

/** Variables of a model by stable name, `<layer>/<weight>` (`conv1_conv/kernel`): unique within the model and equal in every process. */
export function namedVariables(model: tf.LayersModel): Record<string, tf.Variable> {
  return Object.fromEntries(model.weights.map((weight) => [weight.originalName, weight.read() as tf.Variable]));
}

/** Builds an encoder as a model of its own. `name` scopes its random streams; layer names stay as the encoder gives them. */
export function buildEncoder(encoder: Encoder, { seed }: PluginContext, name = 'encoder'): BuiltEncoder {
  const { inputSize, inputChannels } = encoder;
  const image = tf.input({ shape: [inputSize, inputSize, inputChannels], name: `${name}_image` });
  const { levels } = withBuildContext({ seed, scope: name }, () => encoder.build(image));
  if (levels.length === 0)
    throw new MultichexnetError(
      'ENCODER_NO_LEVELS',
      `encoder "${name}" built a pyramid without levels: heads need at least one`,
    );
  const model = tf.model({ inputs: image, outputs: levels.map(({ tensor }) => tensor), name });
  return {
    model,
    inputSize,
    inputChannels,
    levels: levels.map(({ name: level, stride, tensor }) => ({
      name: level,
      stride,
      shape: tensor.shape.slice(1) as [number, number, number],
    })),
    apply: (x, { training }) => toList(model.apply(x, { training }) as tf.Tensor | tf.Tensor[]),
  };
}

/** Builds a head on the shapes of a built encoder, as a model of its own. */
export function buildHead(
  head: AnyHead,
  encoder: Pick<BuiltEncoder, 'levels' | 'inputSize' | 'inputChannels'>,
  { seed }: PluginContext,
  name: string,
): BuiltHead {
  const { inputSize, inputChannels } = encoder;
  const levels = encoder.levels.map((level) => ({
    ...level,
    tensor: tf.input({ shape: [...level.shape], name: `${name}_${level.name}` }),
  }));
  const input = tf.input({ shape: [inputSize, inputSize, inputChannels], name: `${name}_image` });
  const outputs = withBuildContext({ seed, scope: name }, () =>
    head.build({
      levels: levels.map(({ tensor, ...level }) => ({ ...level, tensor })),
      deepest: levels.at(-1)!.tensor,
      input,
    }),
  );
  if (outputs.length === 0)
    throw new MultichexnetError('HEAD_NO_OUTPUTS', `head "${name}" built no output: its loss needs at least one`);
  const used = usedInputs(outputs);
  const candidates = [...levels.map(({ tensor }) => tensor), input];
  const inputs = candidates.filter((candidate) => used.has(candidate));
  const model = tf.model({ inputs, outputs, name });
  let current = model;
  return {
    model,
    replaceModel: (other) => {
      current = other;
    },
    outputShapes: outputs.map(({ shape }) => shape.slice(1) as number[]),
    apply: (features, image, { training }) => {
      const values = [...features, image].filter((_, i) => used.has(candidates[i]!));
      return toList(current.apply(values.length === 1 ? values[0]! : values, { training }) as tf.Tensor | tf.Tensor[]);
    },
  };
}

/** The inputs that outputs depend on; a tfjs model is built on these alone. */
function usedInputs(outputs: readonly tf.SymbolicTensor[]): Set<tf.SymbolicTensor> {
  const seen = new Set<tf.SymbolicTensor>();
  const queue = [...outputs];
  for (let tensor = queue.pop(); tensor !== undefined; tensor = queue.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    queue.push(...tensor.inputs);
  }
  return seen;
}

function toList(value: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
  return Array.isArray(value) ? value : [value];
}
