import type { PhaseSettings } from '../protocol/protocol.js';
import type { Turn } from '../schedule/turn.js';
import { createWeighting } from '../weighting/create-weighting.js';
import { learningRateAt } from './learning-rate.js';
import { normLimit } from './step-guard.js';
import type { HistoryEntry } from './step-history.js';
import { tasksOf } from './trace-gradients.js';
import type { StepPosition } from './train-step.js';

type Settings = Pick<PhaseSettings, 'learningRate' | 'guard' | 'weighting'>;

/** Whether positions depend on earlier steps' numbers, and not on the step alone. */
export function looksBack({ guard, weighting }: Settings): boolean {
  return guard.spike > 0 || weighting.kind === 'dwa' || weighting.kind === 'gradnorm';
}

/** Everything that a step takes besides its batches: pure in (settings, seed, step, what the steps before it gave), so that a resumed run takes the same. */
export function stepPosition(
  { learningRate, guard, weighting }: Settings,
  place: {
    readonly seed: number;
    readonly step: number;
    readonly steps: number;
    readonly turn: Pick<Turn, 'parts'>;
    readonly history: readonly HistoryEntry[];
  },
): StepPosition {
  const { seed, step, steps, turn, history } = place;
  const tasks = tasksOf(turn);
  const host = createWeighting(weighting)?.host?.({ history, tasks, seed, step });
  return {
    seed,
    step,
    learningRate: learningRateAt(learningRate, step, steps),
    normLimit: normLimit(history, tasks, guard.spike),
    ...(host === undefined ? {} : { weighting: host }),
  };
}
