import type { PhaseResult, ResolvedPhase } from '@multichexnet/core';
import { plural } from '../output/words.js';

/** Whose steps are told, where there are several trainings. */
export interface TrainedPhase {
  readonly phase: Pick<ResolvedPhase, 'steps'>;
  /** Absent in a run that another version made. */
  readonly result?: Pick<PhaseResult, 'steps' | 'selected' | 'fits'>;
  /** Of a run of several seeds: the one that the result is of. */
  readonly seed?: number;
}

/** `400 of 1,000 steps, weights of step 250 by det.mAP on rsna`: how long a network was trained, which validation may have ended, and whose weights are measured. */
export function describeSteps({ phase, result, seed }: TrainedPhase): string {
  const selected = result?.selected;
  if (result === undefined || selected === undefined) return plural(phase.steps, 'step');
  const { best, metric, on, stopped } = selected;
  const done = stopped
    ? `${result.steps.toLocaleString('en')} of ${plural(phase.steps, 'step')}`
    : plural(result.steps, 'step');
  const kept = best === undefined ? '' : `, weights of step ${best.steps.toLocaleString('en')} by ${metric} on ${on}`;
  const whose = [...(result.fits > 1 ? ['fold 1'] : []), ...(seed === undefined ? [] : [`seed ${seed}`])];
  return `${done}${kept}${whose.length === 0 ? '' : ` (${whose.join(', ')})`}`;
}
