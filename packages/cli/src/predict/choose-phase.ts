import { GATE, MultichexnetError, type ResolvedPhase } from '@multichexnet/core';
import { phaseOf, type OpenedRun } from '../open-run.js';

/** The phase that is named, else the first with most heads that is no gate's. @throws MultichexnetError RUN_UNKNOWN_PHASE */
export function choosePhase(opened: OpenedRun, name: string | undefined): ResolvedPhase {
  if (name !== undefined) return phaseOf(opened, name);
  const heads = (phase: ResolvedPhase): number => Object.keys(phase.heads).filter((head) => head !== GATE).length;
  const best = opened.protocol.phases.reduce<ResolvedPhase | undefined>(
    (found, phase) => (found === undefined || heads(phase) > heads(found) ? phase : found),
    undefined,
  );
  if (best === undefined)
    throw new MultichexnetError('RUN_UNKNOWN_PHASE', 'the run has no phase', { file: opened.store.folder });
  return best;
}
