/** Learning rate over the steps of a phase. */
export interface LearningRateConfig {
  readonly base: number;
  readonly kind: 'constant' | 'cosine';
  /** Steps of linear warm-up from 0. */
  readonly warmup: number;
}

/** Rate of a step 0 .. steps - 1; cosine ends at 1 % of the base (Loshchilov & Hutter 2017 without restarts). */
export function learningRateAt({ base, kind, warmup }: LearningRateConfig, step: number, steps: number): number {
  if (step < warmup) return (base * (step + 1)) / warmup;
  if (kind === 'constant') return base;
  const progress = (step - warmup) / Math.max(1, steps - 1 - warmup);
  const floor = 0.01;
  return base * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * Math.min(1, progress)))) / 2);
}
