import type { ResolvedProtocol } from './resolved-phase.js';

/** What divides the data: the same for all seeds of a run, so that they are tested on the same images. */
export function splitSeed({ splits, seed }: Pick<ResolvedProtocol, 'splits' | 'seed'>): number {
  return splits.seed ?? seed;
}
