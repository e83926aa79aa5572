import type { OptionsOf } from '@multichexnet/core';

export const options = {
  type: 'object',
  properties: {
    anchors: {
      anyOf: [
        { type: 'integer', minimum: 1, maximum: 32 },
        {
          type: 'array',
          minItems: 1,
          maxItems: 32,
          items: { type: 'array', items: { type: 'number', exclusiveMinimum: 0 }, minItems: 2, maxItems: 2 },
        },
      ],
      default: 5,
      description:
        'Anchor boxes: a list of [width, height] in pixels of the input, or how many to fit to the training boxes by k-means.',
    },
    channels: { type: 'integer', minimum: 1, default: 1024, description: 'Filters of the 3x3 convolution.' },
    stride: {
      type: 'integer',
      minimum: 1,
      description: 'Input pixels per grid cell, that is which encoder level to detect on. Default: the deepest level.',
    },
    objectness: {
      type: 'boolean',
      default: true,
      description: 'Learn a score for each anchor. false: eq. 5 alone, four ReLU outputs and no score.',
    },
    objectnessLoss: { enum: ['focal', 'bce'], default: 'focal', description: 'Loss of the scores.' },
    coordScale: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 5,
      description: 'Weight of the box term (eq. 5) beside the objectness.',
    },
    noObjectIou: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.6,
      description: 'An anchor without a box of its own that overlaps one by more than this is no negative.',
    },
    batchNormMomentum: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.99,
      description: 'Share of the old moving statistics that a step keeps; .9 where a run has few steps.',
    },
    scoreThreshold: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.1,
      description: 'Boxes of a lower score are not reported.',
    },
    nms: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.5,
      description: 'Of two boxes that overlap by more than this IoU the lower score goes.',
    },
  },
  additionalProperties: false,
} as const;

export type DetOptions = OptionsOf<typeof options>;
