import type { OptionsOf } from '@multichexnet/core';

export const options = {
  type: 'object',
  properties: {
    growth: {
      type: 'integer',
      minimum: 1,
      default: 32,
      description: 'Channels that each layer of a dense block adds.',
    },
    layers: { type: 'integer', minimum: 1, default: 3, description: 'Layers of each dense block.' },
    finest: {
      type: 'integer',
      minimum: 1,
      description:
        'Stride of the finest encoder level that is used as a skip; the last steps to full resolution are transposed convolutions alone. Default: every level.',
    },
    dropout: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.2,
      description: 'Dropout rate behind each layer of a dense block.',
    },
    loss: {
      enum: ['bce', 'dice', 'bce+dice'],
      default: 'bce',
      description: 'Binary cross-entropy of eq. 7, soft Dice, or their sum.',
    },
    threshold: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.5,
      description: 'Probability from which a pixel belongs to the predicted mask.',
    },
    batchNormMomentum: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.99,
      description: 'Share of the old moving statistics that a step keeps; .9 where a run has few steps.',
    },
  },
  additionalProperties: false,
} as const;

export type SegOptions = OptionsOf<typeof options>;
