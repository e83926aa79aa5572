import { MultichexnetError } from '../errors.js';
import { newestCheckpointStep } from '../store/checkpoint.js';
import type { RunStore } from './run-store.js';

interface Starts {
  /** Of the newest checkpoint then. */
  readonly step: number;
  readonly count: number;
}

const FILE = 'starts.json';
/** Starts without a new checkpoint between them. */
const MOST = 3;

/**
 * For a run that a scheduler starts again and again: counts this start, and refuses it when the last ones came to nothing.
 * @throws MultichexnetError CRASH_LOOP
 */
export async function noteStart(store: RunStore, phase: string): Promise<void> {
  const step = await newestCheckpointStep(store.phaseFolder(phase));
  const earlier = await store.readJson<Starts>(FILE);
  const count = earlier?.step === step ? earlier.count + 1 : 1;
  if (count > MOST)
    throw new MultichexnetError(
      'CRASH_LOOP',
      `the last ${MOST} starts ended without a checkpoint after step ${step}: starting again will not help; find out why, then remove this file`,
      { file: store.path(FILE) },
    );
  await store.writeJson({ step, count } satisfies Starts, FILE);
}

/** A run that was asked to end did not crash. */
export function noteOrderlyEnd(store: RunStore): Promise<void> {
  return store.remove(FILE);
}
