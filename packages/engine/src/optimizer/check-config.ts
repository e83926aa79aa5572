import type { OptimizerConfig } from '@multichexnet/core';
import { EngineError } from '../errors.js';

/** Every number set; the defaults are those of the papers and of PyTorch. */
export type ResolvedConfig =
  | { readonly kind: 'sgd'; readonly momentum: number; readonly weightDecay: number }
  | {
      readonly kind: 'adam' | 'adamw';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

/** @throws {EngineError} `OPTIMIZER_CONFIG` for an unknown kind or a number out of range */
export function resolveConfig(config: OptimizerConfig): ResolvedConfig {
  const between = (name: string, value: number, below = Infinity) => {
    if (typeof value === 'number' && value >= 0 && value < below) return value;
    throw new EngineError(
      'OPTIMIZER_CONFIG',
      `${config.kind}: ${name} must be at least 0${below < Infinity ? ` and below ${below}` : ''}, got ${String(value)}.`,
    );
  };
  switch (config.kind) {
    case 'sgd':
      return {
        kind: 'sgd',
        momentum: between('momentum', config.momentum ?? 0, 1),
        weightDecay: between('weightDecay', config.weightDecay ?? 0),
      };
    case 'adam':
    case 'adamw':
      return {
        kind: config.kind,
        beta1: between('beta1', config.beta1 ?? 0.9, 1),
        beta2: between('beta2', config.beta2 ?? 0.999, 1),
        epsilon: between('epsilon', config.epsilon ?? 1e-8),
        weightDecay: config.kind === 'adamw' ? between('weightDecay', config.weightDecay ?? 0.01) : 0,
      };
    default:
      throw new EngineError(
        'OPTIMIZER_CONFIG',
        `There is no optimizer ${JSON.stringify((config as { kind: unknown }).kind)}; known: sgd, adam, adamw.`,
      );
  }
}
