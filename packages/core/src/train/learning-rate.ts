/** Learning rate over the steps of a phase. */
export interface LearningRateConfig {
  readonly base: number;
  readonly kind: 'constant' | 'cosine' | 'step' | 'plateau';
  /** Steps of linear warm-up from 0. */
  readonly warmup: number;
  /** `step`: the rate is multiplied by `factor` from each of these steps on. */
  readonly milestones: readonly number[];
  /** `step` and `plateau`: what a reduction multiplies the rate by. */
  readonly factor: number;
  /** `plateau`: validations without a better value that are waited for before a reduction. */
  readonly patience: number;
}

/**
 * Rate of a step 0 .. steps - 1; cosine ends at 1 % of the base (Loshchilov & Hutter 2017 without restarts), `step` is PyTorch's `MultiStepLR`, `plateau` its
 * `ReduceLROnPlateau`.
 * @param reductions of a plateau so far, see {@link plateauReductions}
 */
export function learningRateAt(config: LearningRateConfig, step: number, steps: number, reductions = 0): number {
  const { base, kind, warmup, milestones, factor } = config;
  if (step < warmup) return (base * (step + 1)) / warmup;
  switch (kind) {
    case 'constant':
      return base;
    case 'step':
      return base * factor ** milestones.filter((milestone) => step >= milestone).length;
    case 'plateau':
      return base * factor ** reductions;
    case 'cosine': {
      const progress = (step - warmup) / Math.max(1, steps - 1 - warmup);
      const floor = 0.01;
      return base * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2);
    }
  }
}

/**
 * How often `ReduceLROnPlateau` has reduced the rate after these validations: each time more than `patience` of them in a row were not better than the best by
 * a share of 1e-4; a value that is not defined is not better.
 */
export function plateauReductions(
  values: readonly (number | undefined)[],
  { patience, better }: { readonly patience: number; readonly better: 'higher' | 'lower' },
): number {
  const threshold = 1e-4;
  let best: number | undefined;
  let [waited, reductions] = [0, 0];
  for (const value of values) {
    if (value !== undefined && isBetter(value, best, better, threshold)) {
      best = value;
      waited = 0;
    } else if (++waited > patience) {
      reductions++;
      waited = 0;
    }
  }
  return reductions;
}

/** @param threshold share of the best value that a better one must differ by */
export function isBetter(value: number, best: number | undefined, better: 'higher' | 'lower', threshold = 0): boolean {
  if (best === undefined) return true;
  // As PyTorch does: relative to the best value, whatever its sign.
  return better === 'higher' ? value > best * (1 + threshold) : value < best * (1 - threshold);
}
