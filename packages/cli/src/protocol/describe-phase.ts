import type { ResolvedPhase } from '@multichexnet/core';

/** `det on rsna`, `multichexnet on rsna + siim`. */
export function describeWork({ name, schedule }: ResolvedPhase): string {
  return `${name} on ${[...new Set(schedule.turns.map(({ on }) => on))].join(' + ')}`;
}

export interface PhaseDescription {
  readonly name: string;
  readonly steps: number;
  readonly schedule: string;
  readonly turns: readonly {
    readonly on: string;
    readonly train: readonly string[];
    readonly heads: readonly string[];
  }[];
  /** Module -> phase that it starts from; the others start afresh. */
  readonly from: Readonly<Record<string, string>>;
  readonly fresh: readonly string[];
  /** Head -> phase that trained its gate, or `own`. */
  readonly gate: Readonly<Record<string, string>>;
  /** Phases that must be done before. */
  readonly needs: readonly string[];
  readonly crossValidate?: unknown;
}

export function describePhase(phase: ResolvedPhase): PhaseDescription {
  const { name, steps, schedule, from, fresh, gate, crossValidate } = phase;
  return {
    name,
    steps,
    schedule: schedule.kind,
    turns: schedule.turns.map(({ on, train, heads }) => ({
      on,
      train,
      heads: heads ?? train.filter((module) => module !== 'encoder'),
    })),
    from,
    fresh,
    gate,
    needs: [...new Set([...Object.values(from), ...Object.values(gate)])].filter((parent) => parent !== 'own'),
    ...(crossValidate === undefined ? {} : { crossValidate }),
  };
}
