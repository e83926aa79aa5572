import type { PhaseSettings } from '../protocol/protocol.js';
import type { Turn } from '../schedule/turn.js';
import { createWeighting } from '../weighting/create-weighting.js';
import { validationsOf } from './best-validation.js';
import { learningRateAt, plateauReductions } from './learning-rate.js';
import { normLimit } from './step-guard.js';
import type { HistoryEntry } from './step-history.js';
import { tasksOf } from './trace-gradients.js';
import type { StepPosition } from './train-step.js';

type Settings = Pick<PhaseSettings, 'learningRate' | 'guard' | 'weighting' | 'select'>;

/** Whether positions depend on earlier steps' numbers, and not on the step alone. */
export function looksBack({ guard, weighting, select }: Settings): boolean {
  return select !== undefined || guard.spike > 0 || weighting.kind === 'dwa' || weighting.kind === 'gradnorm';
}

/** Everything that a step takes besides its batches: pure in (settings, seed, step, what the steps before it gave), so that a resumed run takes the same. */
export function stepPosition(
  { learningRate, guard, weighting, select }: Settings,
  place: {
    readonly seed: number;
    readonly step: number;
    readonly steps: number;
    readonly turn: Pick<Turn, 'parts'>;
    readonly history: readonly HistoryEntry[];
    /** Which values of the selecting metric are better. */
    readonly better?: 'higher' | 'lower' | undefined;
  },
): StepPosition {
  const { seed, step, steps, turn, history, better } = place;
  const tasks = tasksOf(turn);
  const reductions =
    learningRate.kind !== 'plateau' || select === undefined || better === undefined
      ? 0
      : plateauReductions(
          validationsOf(history, select).map(({ value }) => value),
          { patience: learningRate.patience, better },
        );
  const host = createWeighting(weighting)?.host?.({ history, tasks, seed, step });
  return {
    seed,
    step,
    learningRate: learningRateAt(learningRate, step, steps, reductions),
    normLimit: normLimit(history, tasks, guard.spike),
    ...(host === undefined ? {} : { weighting: host }),
  };
}
