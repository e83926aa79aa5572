import type { Scalar, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import type { Sample } from '../data/sample.js';
import type { FeaturePyramid, PluginContext } from './encoder-plugin.js';
import type { ImageGeometry } from './image-geometry.js';
import type { AnyMetric } from './metric.js';
import type { OutputValue, TargetValue } from './sample-values.js';
import type { OptionsOf, OptionsSchema } from './schema.js';

/** A label as it reaches `encode`: boxes and masks are already in input coordinates, after resize and augmentation. */
export interface EncodeContext {
  readonly inputSize: number;
}

/** Scores whose gradients show what in an image speaks for a target (Grad-CAM). */
export interface Explanation {
  /** Names of what can be asked, at least one: the classes of a classifier. */
  readonly targets: readonly string[];
  /**
   * Every target's score, [b, targets.length], from the outputs; unbounded ones such as logits, whose gradient does not fade where the head is sure. Runs in a
   * traced step and must be differentiable; a sample's score depends on its own outputs only.
   */
  scores(outputs: [Tensor, ...Tensor[]]): Tensor;
}

/**
 * One task on the shared encoder. `L` is the task's label of one sample (`undefined` = unknown), `O` the tuple of its outputs per sample.
 */
export interface Head<L, O extends readonly OutputValue[] = readonly [number, ...number[]], P = unknown> {
  /** Builds the outputs on the feature pyramid with `tf.layers` or core's own layers. */
  build(features: FeaturePyramid): SymbolicTensor[];
  /** Shapes of the targets without the batch dimension; by default the outputs' own shapes. */
  targetShapes?(inputSize: number): readonly (readonly number[])[];
  /** Targets of a known label. Pure; may run in a worker. */
  encode(label: L, context: EncodeContext): readonly TargetValue[];
  /** For labels known class by class: 1 or 0 per class, shape [C]. By default a label that is not undefined is known as a whole. */
  known?(label: L): readonly number[];
  /** Length of `known(label)`; by default 1. */
  readonly knownSize?: number;
  /**
   * Mean loss over known entries, 0 when none is known. `known`: [b, knownSize], 0 = unknown (a target there holds zeros).
   */
  loss(outputs: [Tensor, ...Tensor[]], targets: [Tensor, ...Tensor[]], known: Tensor): Scalar;
  /** One sample's prediction, JSON-able, in original image coordinates. */
  decode(outputs: O, geometry: ImageGeometry): P;
  /**
   * Probability 0..1 that the image is positive for any of `classes`, for heads that can serve as a gate; `undefined` when the head knows none of them.
   */
  gateScore?(outputs: O, classes: readonly string[]): number | undefined;
  /** The prediction for an image that the gate held back; required of heads that stand behind a gate. */
  empty?(geometry: ImageGeometry): P;
  readonly metrics: readonly AnyMetric<L, O, P>[];
  /** What an explanation can ask of this head; by default one target, `output`: the mean of the first output. */
  readonly explain?: Explanation;
  /** Names of the layers of theta_dec in eq. 15; the rest of the head is theta_feats. Default: none. */
  readonly decisionLayers?: readonly string[];
}

export interface HeadPlugin<
  S extends OptionsSchema = OptionsSchema,
  L = unknown,
  O extends readonly OutputValue[] = readonly [number, ...number[]],
  P = unknown,
  K extends string = string,
> {
  readonly kind: K;
  readonly apiVersion: 1;
  readonly options: S;
  /** The task's label of a sample, or undefined when the sample does not say. Receives the sample with boxes and mask in input coordinates. */
  label(sample: LabelledInput, options: OptionsOf<S>): L | undefined;
  /** Completes options from the training labels before the model is built (anchors by k-means, class weights); pure. */
  fit?(options: OptionsOf<S>, labels: readonly L[], context: EncodeContext & { readonly seed: number }): OptionsOf<S>;
  create(options: OptionsOf<S>, context: PluginContext): Head<L, O, P>;
}

/** A head plugin whose option, label, output and prediction types are its own affair. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- these types flow only from a head to itself
export type AnyHeadPlugin = HeadPlugin<any, any, any, any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
export type AnyHead = Head<any, any, any>;

/** A sample together with its geometric labels mapped to the model's input. */
export interface LabelledInput extends Sample {
  readonly input: {
    readonly size: number;
    /** Boxes in input pixels; absent = unknown. */
    readonly boxes?: readonly InputBox[];
    /** 0/1 mask, row-major [size * size]; absent = unknown. */
    readonly mask?: Uint8Array;
  };
}

export interface InputBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Author-time identity that checks the contract and infers every type from it. */
export function defineHead<
  const S extends OptionsSchema,
  L,
  O extends readonly OutputValue[] = readonly [number, ...number[]],
  P = unknown,
  const K extends string = string,
>(plugin: HeadPlugin<S, L, O, P, K>): HeadPlugin<S, L, O, P, K> {
  return plugin;
}
