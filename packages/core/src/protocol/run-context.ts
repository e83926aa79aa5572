import type { LeftOutFile } from '../data/image-services.js';
import type { ImageSource } from '../data/image-source.js';
import type { OpenedDataset } from '../data/open-datasets.js';
import type { Ranks } from '../distributed/ranks.js';
import type { Engine } from '../engine/engine.js';
import type { GateScores } from '../gate/gate-scores.js';
import type { Logger } from '../log/logger.js';
import type { Reuse } from '../run/reuse-phase.js';
import type { RunStore } from '../run/run-store.js';
import type { ResolvedProtocol } from './resolved-phase.js';
import type { Parent } from './phase-state.js';
import type { Workbench } from './workbench.js';

/** What a process may end by. While several train together they all end after the same step. */
export function ownSignal({ ranks, signal }: Pick<RunContext, 'ranks' | 'signal'>): AbortSignal | undefined {
  return ranks === undefined || ranks.left ? signal : undefined;
}

/** What the phases of one run share. */
export interface RunContext {
  readonly protocol: ResolvedProtocol;
  readonly store: RunStore;
  readonly engine: Engine;
  readonly logger: Logger;
  readonly datasets: ReadonlyMap<string, OpenedDataset>;
  readonly workbench: Workbench;
  readonly signal?: AbortSignal;
  readonly reuse?: Reuse;
  /** The processes that train together; rank 0 alone writes. */
  readonly ranks?: Ranks;
  /** Prepared images of a dataset; one cache a run. */
  source(dataset: string, boxesFromMasks?: { readonly minArea: number }): ImageSource;
  /** Files that could not be read so far. */
  leftOut(): readonly LeftOutFile[];
  /** Finished phases with their parameters, read when first asked for. */
  parent(phase: string): Promise<Parent>;
  /** Scores of a gate phase on a dataset, computed when first asked for. */
  gateScores(phase: string, dataset: string): Promise<GateScores>;
}
