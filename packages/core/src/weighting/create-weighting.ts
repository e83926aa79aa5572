import { dwa, type DwaOptions } from './dwa.js';
import { gradNorm, type GradNormOptions } from './grad-norm.js';
import { pcGrad } from './pc-grad.js';
import { uncertainty } from './uncertainty.js';
import type { Weighting } from './weighting.js';

/** As written in a config or protocol, with its defaults filled in. */
export type WeightingConfig =
  | { readonly kind: 'static' }
  | { readonly kind: 'uncertainty' }
  | ({ readonly kind: 'dwa' } & DwaOptions)
  | ({ readonly kind: 'gradnorm' } & GradNormOptions)
  | { readonly kind: 'pcgrad' };

/** JSON Schema of a {@link WeightingConfig}. */
export const weightingSchema = {
  type: 'object',
  required: ['kind'],
  properties: { kind: { type: 'string' } },
  discriminator: { propertyName: 'kind' },
  oneOf: [
    { properties: { kind: { const: 'static' } }, additionalProperties: false },
    { properties: { kind: { const: 'uncertainty' } }, additionalProperties: false },
    {
      properties: {
        kind: { const: 'dwa' },
        temperature: { type: 'number', exclusiveMinimum: 0, default: 2 },
        every: { type: 'integer', minimum: 1, default: 100, description: 'steps of a window' },
      },
      additionalProperties: false,
    },
    {
      properties: { kind: { const: 'gradnorm' }, alpha: { type: 'number', minimum: 0, default: 1.5 } },
      additionalProperties: false,
    },
    { properties: { kind: { const: 'pcgrad' } }, additionalProperties: false },
  ],
} as const;

/** Undefined for static weights: the sum of the losses times their factors, which is the default path. */
export function createWeighting(config: WeightingConfig): Weighting | undefined {
  switch (config.kind) {
    case 'static':
      return undefined;
    case 'uncertainty':
      return uncertainty();
    case 'dwa':
      return dwa(config);
    case 'gradnorm':
      return gradNorm(config);
    case 'pcgrad':
      return pcGrad();
  }
}
