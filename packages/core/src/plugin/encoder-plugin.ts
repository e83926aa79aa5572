import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { OptionsOf, OptionsSchema } from './schema.js';

/** One resolution of the encoder's output. */
export interface PyramidLevel {
  /** Stable name, e.g. `conv4_block24_concat`. */
  readonly name: string;
  /** Input pixels per cell: 4, 8, 16, 32. */
  readonly stride: number;
  /** [b, size/stride, size/stride, channels] */
  readonly tensor: SymbolicTensor;
}

/** What every head reads: levels from the finest to the deepest. */
export interface FeaturePyramid {
  readonly levels: readonly PyramidLevel[];
  /** The last level's tensor, [b, size/stride, size/stride, channels]. */
  readonly deepest: SymbolicTensor;
  /** The image that entered the encoder, [b, size, size, channels]. */
  readonly input: SymbolicTensor;
}

export interface Encoder {
  /** Pixels per side and channels of the input image; grey values arrive as 0..1 repeated over the channels, then `normalise` is applied in the graph. */
  readonly inputSize: number;
  readonly inputChannels: 1 | 3;
  build(image: SymbolicTensor): FeaturePyramid;
}

export interface PluginContext {
  /** Seed of this model's initial weights; every layer derives its own from it and its name. */
  readonly seed: number;
}

export interface EncoderPlugin<S extends OptionsSchema = OptionsSchema, K extends string = string> {
  readonly kind: K;
  readonly apiVersion: 1;
  readonly options: S;
  create(options: OptionsOf<S>, context: PluginContext): Encoder;
}

export function defineEncoder<const S extends OptionsSchema, const K extends string = string>(
  plugin: EncoderPlugin<S, K>,
): EncoderPlugin<S, K> {
  return plugin;
}
