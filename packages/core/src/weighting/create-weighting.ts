import { dwa, dwaWindow, type DwaOptions } from './dwa.js';
import { gradNorm, type GradNormOptions } from './grad-norm.js';
import { pcGrad } from './pc-grad.js';
import { uncertainty } from './uncertainty.js';
import type { Weighting } from './weighting.js';

/** As written in a config or protocol, with its defaults filled in; the window of `dwa` may be left to the steps of the training. */
export type WeightingConfig =
  | { readonly kind: 'static' }
  | { readonly kind: 'uncertainty' }
  | ({ readonly kind: 'dwa' } & Pick<DwaOptions, 'temperature'> & Partial<DwaOptions>)
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
        every: {
          type: 'integer',
          minimum: 1,
          description: 'steps of a window; default a tenth of the steps, from 10 to 100',
        },
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

/** What is written, and what a training of so many steps takes by default. */
export function fitWeighting(config: WeightingConfig, steps: number): WeightingConfig {
  return config.kind === 'dwa' ? { ...config, every: config.every ?? dwaWindow(steps) } : config;
}

/** Undefined for static weights: the sum of the losses times their factors, which is the default path. A window that is still left open is the longest. */
export function createWeighting(config: WeightingConfig): Weighting | undefined {
  switch (config.kind) {
    case 'static':
      return undefined;
    case 'uncertainty':
      return uncertainty();
    case 'dwa':
      return dwa({ ...config, every: config.every ?? dwaWindow(Infinity) });
    case 'gradnorm':
      return gradNorm(config);
    case 'pcgrad':
      return pcGrad();
  }
}
