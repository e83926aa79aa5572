import { MultichexnetError } from '../errors.js';
import { isHeadLoss, type HistoryEntry } from './step-history.js';
import { GRADIENT_NORM, SKIPPED } from './step-numbers.js';

/** When a step is bad, and what then. */
export interface GuardConfig {
  /** A bad step moves nothing; so many in a row end the training. 0 = no guard: the first loss that is no number ends it. */
  readonly skips: number;
  /** A step is bad when its gradients' norm is more than so many times the median of its turn's last 50; 0 = only when it is no number. */
  readonly spike: number;
}

const WINDOW = 50;
/** Before so many norms are known nothing is a spike. */
const KNOWN = 10;

/**
 * Largest norm that the next step of a turn may have, from the steps before it.
 * @param losses names of the turn's losses, which tell it from other turns
 * @returns Infinity while there is no limit
 */
export function normLimit(history: readonly HistoryEntry[], losses: readonly string[], spike: number): number {
  if (spike === 0) return Infinity;
  const norms: number[] = [];
  for (let i = history.length - 1; i >= 0 && norms.length < WINDOW; i--) {
    const entry = history[i] as HistoryEntry;
    const norm = entry[GRADIENT_NORM];
    if (norm === undefined || entry[SKIPPED] === 1) continue;
    const own = Object.keys(entry).filter(isHeadLoss);
    if (own.length === losses.length && losses.every((loss) => entry[loss] !== undefined)) norms.push(norm);
  }
  if (norms.length < KNOWN) return Infinity;
  const sorted = norms.toSorted((a, b) => a - b);
  return spike * (sorted[Math.floor(sorted.length / 2)] as number);
}

/** How many of the last steps were skipped. */
export function skippedInARow(history: readonly HistoryEntry[]): number {
  const lastGood = history.findLastIndex((entry) => entry[SKIPPED] !== 1);
  return history.length - 1 - lastGood;
}

/** What is wrong with the numbers of a step. */
export function describeBadStep(values: Readonly<Record<string, number>>, limit: number): string | undefined {
  const names = Object.keys(values).filter((name) => name !== SKIPPED);
  // The head that broke says more than the total.
  const bad = [...names.filter(isHeadLoss), ...names].find((name) => !Number.isFinite(values[name]));
  if (bad !== undefined)
    return `${bad === GRADIENT_NORM ? "the gradients' norm" : `loss ${bad}`} is ${String(values[bad])}`;
  const norm = values[GRADIENT_NORM] ?? 0;
  return norm > limit ? `the gradients' norm is ${norm.toPrecision(3)}, above ${limit.toPrecision(3)}` : undefined;
}

/** @throws MultichexnetError TRAIN_DIVERGED */
export function endDiverged(place: {
  readonly name: string;
  readonly step: number;
  readonly skipped: number;
  readonly what: string;
  /** Of the state before the first of the skipped steps. */
  readonly checkpoint: string;
}): never {
  const { name, step, skipped, what, checkpoint } = place;
  throw new MultichexnetError(
    'TRAIN_DIVERGED',
    `phase "${name}": ${skipped} steps in a row moved nothing, the last at step ${step}: ${what}; the last good state is in ${checkpoint}; lower the learning rate, or clip the gradients (clipNorm)`,
    { file: checkpoint },
  );
}
