import * as tf from '@tensorflow/tfjs';
import type { EncodingHead } from '../data/batch.js';
import type { Engine } from '../engine/engine.js';
import { MultichexnetError } from '../errors.js';
import { withBuildContext } from '../nn/build-context.js';
import type { Encoder, FeaturePyramid, PyramidLevel } from '../plugin/encoder-plugin.js';
import type { PluginRegistry } from '../plugin/registry.js';
import { hashValue } from '../store/hash.js';
import type { NamedTensor } from '../store/safetensors.js';

/** A plugin choice with validated options. */
export interface Choice {
  readonly kind: string;
  readonly [option: string]: unknown;
}

export interface ModelSpec {
  readonly encoder: Choice;
  readonly heads: Readonly<Record<string, Choice>>;
}

/** One weight of a module. */
export interface Parameter {
  /** `<module>/<layer>/<weight>`: stable across processes, the name in checkpoints. */
  readonly name: string;
  /** Name of its native resource, unique in the process; optimizers key their moments by it. */
  readonly resource: string;
  readonly variable: tf.Variable;
  /** False for batch norm's moving statistics. */
  readonly trainable: boolean;
  /** True for the layers of theta_dec (eq. 15). */
  readonly decision: boolean;
}

/** The encoder or one head: layers with their weights. */
export interface Module {
  readonly name: string;
  readonly layers: tf.LayersModel;
  readonly parameters: readonly Parameter[];
  /** Values at build time, so that a phase can start afresh without building again. */
  readonly initial: ReadonlyMap<string, NamedTensor>;
}

export interface HeadModule extends Module, EncodingHead {}

/** Resource names are unique in the process, so that two pools can live side by side. */
let poolSerial = 0;

/**
 * Builds modules once and hands them out again: phases of a protocol share the layers (and so their traced steps) and only load other values into them.
 */
export class ModelPool {
  private readonly heads = new Map<string, HeadModule>();

  private readonly engine: Engine;
  private readonly registry: PluginRegistry;
  private readonly seed: number;
  private readonly initial: 'drawn' | 'loaded';
  /** Of the encoder, from the finest to the deepest. */
  readonly levels: readonly Omit<PyramidLevel, 'tensor'>[];
  readonly encoder: Module;
  readonly encoderPlugin: Encoder;

  /** @param initial `loaded` where the caller loads every parameter (`loadParameters` says what is missing): drawing them takes a third of a second */
  constructor(
    engine: Engine,
    registry: PluginRegistry,
    encoder: Choice,
    seed: number,
    initial: 'drawn' | 'loaded' = 'drawn',
  ) {
    const { kind, ...options } = encoder;
    const plugin = registry.encoder(kind).create(options, { seed });
    const image = tf.input({ shape: [plugin.inputSize, plugin.inputSize, plugin.inputChannels] });
    const pyramid = withBuildContext({ seed, scope: 'encoder', initial }, () => plugin.build(image));
    const layers = tf.model({ inputs: image, outputs: pyramid.levels.map((level) => level.tensor) });
    this.engine = engine;
    this.registry = registry;
    this.seed = seed;
    this.initial = initial;
    this.encoderPlugin = plugin;
    this.levels = pyramid.levels.map(({ name, stride }) => ({ name, stride }));
    this.encoder = adoptModule(engine, 'encoder', `encoder.${poolSerial++}`, layers, new Set());
  }

  get inputSize(): number {
    return this.encoderPlugin.inputSize;
  }

  /** The head of that name and choice; the same object for the same choice. */
  head(name: string, choice: Choice): HeadModule {
    const key = `${name}#${hashValue(choice).slice(0, 12)}`;
    let head = this.heads.get(key);
    if (head === undefined) {
      head = this.buildHead(name, choice);
      this.heads.set(key, head);
    }
    return head;
  }

  dispose(): void {
    // Releasing disposes the variables, which are all that the layers hold.
    for (const { parameters } of [this.encoder, ...this.heads.values()])
      this.engine.release(parameters.map(({ variable }) => variable));
    this.heads.clear();
  }

  private buildHead(name: string, choice: Choice): HeadModule {
    const { kind, ...options } = choice;
    const plugin = this.registry.head(kind);
    const head = plugin.create(options, { seed: this.seed });
    const { inputSize, inputChannels } = this.encoderPlugin;
    const inputs = this.encoder.layers.outputs.map((output) => tf.input({ shape: output.shape.slice(1) }));
    const image = tf.input({ shape: [inputSize, inputSize, inputChannels] });
    const pyramid: FeaturePyramid = {
      levels: this.levels.map((level, i) => ({ ...level, tensor: inputs[i] as tf.SymbolicTensor })),
      deepest: inputs.at(-1) as tf.SymbolicTensor,
      input: image,
    };
    const outputs = withBuildContext({ seed: this.seed, scope: name, initial: this.initial }, () =>
      head.build(pyramid),
    );
    if (outputs.length === 0) throw new MultichexnetError('HEAD_INVALID', `head "${name}" (${kind}) builds no output`);
    const layers = tf.model({ inputs: [...inputs, image], outputs });
    const decision = new Set<string>(head.decisionLayers ?? []);
    for (const layer of decision)
      if (!layers.layers.some((candidate) => candidate.name === layer))
        throw new MultichexnetError(
          'HEAD_INVALID',
          `head "${name}" (${kind}) names decision layer "${layer}", which it does not build`,
        );
    const module = adoptModule(this.engine, name, `${name}.${poolSerial++}`, layers, decision);
    const targetShapes =
      head.targetShapes?.(inputSize) ?? outputs.map((output) => output.shape.slice(1).map((side) => side ?? 1));
    return { ...module, plugin, options, head, targetShapes };
  }
}

function adoptModule(
  engine: Engine,
  name: string,
  resourcePrefix: string,
  layers: tf.LayersModel,
  decision: ReadonlySet<string>,
): Module {
  const parameters: Parameter[] = [];
  const initial = new Map<string, NamedTensor>();
  for (const layer of layers.layers) {
    const trainable = new Set<unknown>(layer.trainableWeights);
    for (const weight of layer.weights) {
      const parameter: Parameter = {
        name: `${name}/${weight.originalName}`,
        resource: `${resourcePrefix}:${name}/${weight.originalName}`,
        variable: (weight as unknown as { readonly val: tf.Variable }).val,
        trainable: trainable.has(weight),
        decision: decision.has(layer.name),
      };
      parameters.push(parameter);
      initial.set(parameter.name, {
        shape: [...parameter.variable.shape],
        data: parameter.variable.dataSync<'float32'>().slice(),
      });
    }
  }
  const names = new Set(parameters.map((parameter) => parameter.name));
  if (names.size !== parameters.length)
    throw new MultichexnetError(
      'HEAD_INVALID',
      `module "${name}" has two weights of one name; give its layers unique names`,
    );
  engine.adopt(Object.fromEntries(parameters.map(({ resource, variable }) => [resource, variable])));
  return { name, layers, parameters, initial };
}

/** Writes values into a module's weights. Weights that `values` lacks are left as they are and returned. */
export function loadParameters(
  parameters: readonly Parameter[],
  values: Readonly<Record<string, NamedTensor>>,
): string[] {
  const missing: string[] = [];
  for (const { name, variable } of parameters) {
    const value = values[name];
    if (value === undefined) {
      missing.push(name);
      continue;
    }
    if (value.shape.join() !== variable.shape.join())
      throw new MultichexnetError(
        'WEIGHTS_SHAPE',
        `"${name}" has shape [${value.shape.join(', ')}] in the file and [${variable.shape.join(', ')}] in the model`,
      );
    tf.tidy(() => variable.assign(tf.tensor(value.data, [...value.shape])));
  }
  return missing;
}

/** Back to the values at build time. */
export function resetModule(module: Module): void {
  loadParameters(module.parameters, Object.fromEntries(module.initial));
}

export async function readParameters(parameters: readonly Parameter[]): Promise<Record<string, NamedTensor>> {
  const values: Record<string, NamedTensor> = {};
  for (const { name, variable } of parameters)
    values[name] = { shape: [...variable.shape], data: (await variable.data<'float32'>()).slice() };
  return values;
}
