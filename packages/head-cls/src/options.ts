import type { OptionsOf } from '@multichexnet/core';

/** The 14 findings of ChestX-ray14 in the order of Wang et al. 2017. */
export const CHESTXRAY14_CLASSES = [
  'Atelectasis',
  'Cardiomegaly',
  'Effusion',
  'Infiltration',
  'Mass',
  'Nodule',
  'Pneumonia',
  'Pneumothorax',
  'Consolidation',
  'Edema',
  'Emphysema',
  'Fibrosis',
  'Pleural_Thickening',
  'Hernia',
] as const;

export const options = {
  type: 'object',
  properties: {
    classes: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      uniqueItems: true,
      default: CHESTXRAY14_CLASSES,
      description: 'Findings to tell, by the names that the datasets use. A sample may know any subset of them.',
    },
    hidden: { type: 'integer', minimum: 1, default: 256, description: 'Units of the hidden layer.' },
    dropout: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.2,
      description: 'Dropout rate before and after the hidden layer.',
    },
  },
  additionalProperties: false,
} as const;

export type ClsOptions = OptionsOf<typeof options>;
