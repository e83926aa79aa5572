import type { FoldPlan } from '../data/fold-splits.js';
import type { SourcePlan } from '../data/source-splits.js';
import type { ShotsConfig } from '../data/take-shots.js';
import type { Choice } from '../model/network.js';
import type { ScheduleConfig } from '../schedule/schedule.js';
import type { PhaseSettings, ProtocolConfig } from './protocol.js';

/** A phase with nothing left to look up. */
export interface ResolvedPhase extends Omit<PhaseSettings, 'steps'> {
  readonly name: string;
  readonly steps: number;
  readonly schedule: ScheduleConfig;
  /** Heads of this phase's network with their options; `gate` is a classification head with the one class `positive`. */
  readonly heads: Readonly<Record<string, Choice>>;
  /** Module -> phase that it starts from; a module that is absent starts afresh. */
  readonly from: Readonly<Record<string, string>>;
  readonly fresh: readonly string[];
  readonly freeze: readonly string[];
  /** Dense head -> phase that trained its gate, or `own`. */
  readonly gate: Readonly<Record<string, string>>;
  readonly boxesFromMasks?: { readonly minArea: number };
  readonly crossValidate?: 'auto' | FoldPlan | SourcePlan;
  readonly shots?: ShotsConfig;
}

export interface ResolvedProtocol extends Omit<ProtocolConfig, 'phases'> {
  /** In an order in which every phase comes after those that it needs. */
  readonly phases: readonly ResolvedPhase[];
}

/** The head that gates: the classification head with the one class `positive`. */
export const GATE = 'gate';
export const POSITIVE = 'positive';

/** The module of a parent phase that a module starts from: its namesake, or `cls` for a gate (eq. 11 and 13 train the classification path further). */
export function parentModule(parent: Pick<ResolvedPhase, 'heads'>, module: string): string | undefined {
  if (module === 'encoder' || Object.hasOwn(parent.heads, module)) return module;
  return module === GATE && parent.heads['cls'] !== undefined ? 'cls' : undefined;
}
