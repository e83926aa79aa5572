import type { OptionsOf } from '@multichexnet/core';
import { EncoderError } from './errors.js';

export const options = {
  type: 'object',
  properties: {
    depth: {
      enum: [121, 169, 201, 'small'],
      default: 121,
      description:
        'DenseNet-121, -169 or -201 (Huang et al. 2017), or a small sibling for demos and tests on 64-pixel images.',
    },
    size: {
      type: 'integer',
      minimum: 32,
      maximum: 2048,
      default: 256,
      description: 'Pixels per side of the square input; a multiple of 32 (small: of 16).',
    },
    channels: {
      enum: [1, 3],
      description:
        'Channels of the input; grey values are repeated over them. Default 3, which ImageNet weights want; small: 1.',
    },
    normalise: {
      enum: ['torch', 'unit', 'symmetric', 'chest'],
      description:
        'What becomes of grey values 0..1. torch (default): ImageNet mean and deviation; unit (default of small): as they are; symmetric: -1..1; chest: mean .5056, deviation .252.',
    },
    batchNormMomentum: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description:
        'Share of the old moving statistics that a step keeps. Default .99 as in Keras; small: .9, since demos run few steps.',
    },
    weights: {
      type: 'string',
      minLength: 1,
      description: 'A safetensors file with torchvision, timm or Keras names; read when the encoder is built.',
    },
  },
  additionalProperties: false,
} as const;

export type DenseNetOptions = OptionsOf<typeof options>;
export type Normalisation = NonNullable<DenseNetOptions['normalise']>;

export interface ResolvedOptions {
  readonly depth: DenseNetOptions['depth'];
  readonly size: number;
  readonly channels: 1 | 3;
  readonly normalise: Normalisation;
  readonly batchNormMomentum: number;
  readonly weights: string | undefined;
}

/** Fills what depends on `depth`. @throws {EncoderError} ENCODER_SIZE */
export function resolveOptions(given: DenseNetOptions): ResolvedOptions {
  const small = given.depth === 'small';
  const stride = small ? 16 : 32;
  if (given.size % stride !== 0) {
    const below = Math.max(32, given.size - (given.size % stride));
    throw new EncoderError(
      'ENCODER_SIZE',
      `encoder "densenet" of depth ${given.depth} halves its input down to stride ${stride}; size ${given.size} is no multiple of that, try ${below} or ${below + stride}`,
      { path: 'model.encoder.size' },
    );
  }
  return {
    depth: given.depth,
    size: given.size,
    channels: given.channels ?? (small ? 1 : 3),
    normalise: given.normalise ?? (small ? 'unit' : 'torch'),
    batchNormMomentum: given.batchNormMomentum ?? (small ? 0.9 : 0.99),
    weights: given.weights,
  };
}
