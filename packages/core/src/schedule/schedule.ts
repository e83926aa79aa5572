import { createRandom } from '@multichexnet/imaging';
import { MultichexnetError } from '../errors.js';
import type { Schedule, Turn } from './turn.js';

/** A turn as written in a config or protocol. */
export interface TurnConfig {
  readonly on: string;
  /** Modules that move: `encoder` and heads; the losses are those of the heads. */
  readonly train: readonly string[];
  /** Heads that give a loss without moving (rare); by default the trained heads. */
  readonly heads?: readonly string[];
  /** Strict order: how many steps in a row. Random order: relative weight. Default 1. */
  readonly ratio?: number;
}

export type ScheduleConfig =
  | {
      readonly kind: 'alternating';
      readonly turns: readonly TurnConfig[];
      /** `strict` repeats the turns in order (Algorithm 1); `random` draws them. */
      readonly order?: 'strict' | 'random';
      /** With `random`: weights are (dataset size)^(1/temperature); 1 = proportional, large = uniform. Default: the ratios alone. */
      readonly temperature?: number;
      /** Algorithm 1 as printed: only encoder and dense head move; `cls` is left out of every turn that trains another head. */
      readonly literal?: boolean;
    }
  | {
      /** Every step sums the losses of all turns (one batch from each dataset, or several heads on one jointly labelled dataset). */
      readonly kind: 'joint';
      readonly turns: readonly TurnConfig[];
    };

/** @throws MultichexnetError SCHEDULE_INVALID */
export function createSchedule(config: ScheduleConfig, datasetSizes: Readonly<Record<string, number>>): Schedule {
  if (config.turns.length === 0) throw new MultichexnetError('SCHEDULE_INVALID', 'a schedule needs at least one turn');
  const turns = config.turns.map((turn) => resolveTurn(turn, config.kind === 'alternating' && config.literal === true));
  if (config.kind === 'joint') {
    if (config.turns.some(({ ratio = 1 }) => ratio !== 1))
      throw new MultichexnetError(
        'SCHEDULE_INVALID',
        'a joint schedule takes every turn in every step: it has no ratios; use weights',
      );
    return jointSchedule(turns);
  }
  const ratios = config.turns.map(({ ratio = 1 }) => ratio);
  if (config.order === 'random') {
    const { temperature } = config;
    const weights = turns.map((turn, i) => {
      const size = datasetSizes[turn.parts[0]?.dataset ?? ''] ?? 1;
      return (ratios[i] ?? 1) * (temperature === undefined ? 1 : size ** (1 / temperature));
    });
    return randomSchedule(turns, weights);
  }
  if (!ratios.every((ratio) => Number.isInteger(ratio) && ratio > 0))
    throw new MultichexnetError(
      'SCHEDULE_INVALID',
      `turn ratios of a strict schedule are whole numbers above 0, got ${ratios.join(', ')}`,
    );
  return strictSchedule(turns, ratios);
}

type Turns = readonly Omit<Turn, 'visits'>[];

function resolveTurn({ on, train, heads }: TurnConfig, literal: boolean): Turns[number] {
  const trained = train.filter((module) => module !== 'encoder');
  const losses = heads ?? trained;
  if (losses.includes('encoder'))
    throw new MultichexnetError(
      'SCHEDULE_INVALID',
      `the turn on "${on}" asks the encoder for a loss; only heads give one`,
    );
  const leaveOutCls = literal && losses.some((head) => head !== 'cls');
  const keep = (module: string): boolean => !(leaveOutCls && module === 'cls');
  if (losses.filter(keep).length === 0)
    throw new MultichexnetError(
      'SCHEDULE_INVALID',
      `the turn on "${on}" trains [${train.join(', ')}] but has no head that gives a loss`,
    );
  return { parts: [{ dataset: on, heads: losses.filter(keep) }], train: train.filter(keep) };
}

function strictSchedule(turns: Turns, ratios: readonly number[]): Schedule {
  const pattern = turns.flatMap((_, i) => new Array<number>(ratios[i] ?? 1).fill(i));
  return {
    turns,
    turn: (step) => {
      const round = Math.floor(step / pattern.length);
      const place = step % pattern.length;
      const index = pattern[place] as number;
      const turn = turns[index] as Turns[number];
      // Two turns may read one dataset: its visits count both.
      const same = (i: number): boolean => turns[i]?.parts[0]?.dataset === turn.parts[0]?.dataset;
      const perRound = pattern.filter(same).length;
      return { ...turn, visits: [round * perRound + pattern.slice(0, place).filter(same).length] };
    },
  };
}

function randomSchedule(turns: Turns, weights: readonly number[]): Schedule {
  const total = weights.reduce((a, b) => a + b, 0);
  const draw = (step: number, seed: number): number => {
    let u = createRandom(seed, 'turn', step).uniform() * total;
    const index = weights.findIndex((weight) => (u -= weight) < 0);
    return index < 0 ? turns.length - 1 : index;
  };
  // A turn's visit is the step itself: distinct for every step, so that no batch is drawn twice, and pure.
  return { turns, turn: (step, seed) => ({ ...(turns[draw(step, seed)] as Turns[number]), visits: [step] }) };
}

function jointSchedule(turns: Turns): Schedule {
  const parts = new Map<string, Set<string>>();
  for (const { parts: turnParts } of turns)
    for (const { dataset, heads } of turnParts) parts.set(dataset, new Set([...(parts.get(dataset) ?? []), ...heads]));
  const joint = {
    parts: [...parts].map(([dataset, heads]) => ({ dataset, heads: [...heads] })),
    train: [...new Set(turns.flatMap((turn) => turn.train))],
  };
  return { turns: [joint], turn: (step) => ({ ...joint, visits: joint.parts.map(() => step) }) };
}
