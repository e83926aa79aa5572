import type { MultichexnetError } from '@multichexnet/core';
import { Ranks, stopReason, type Engine, type Logger } from '@multichexnet/core';
import { formatWait } from '../output/words.js';
import { MEET_MS, type Cluster } from './cluster.js';

export interface RanksRequest {
  readonly engine: Engine;
  readonly cluster: Cluster;
  readonly logger: Logger;
  /** Aborted with the name of the signal that asked this process to stop. */
  readonly signal: AbortSignal;
}

/** A step that waits for a lost rank ends at once; one that does not within this time never will. */
const END_MS = 15_000;
/** Exit code of a process whose peer is gone: the run can be gone on with. */
export const PEER_LOST_EXIT = 200;

/** Meets the other ranks, then does `work` with them. @throws MultichexnetError PEER_MISSING, PEER_LOST, and what `work` throws */
export async function withRanks<T>(
  { engine, cluster, logger, signal }: RanksRequest,
  work: (ranks: Ranks) => Promise<T>,
): Promise<T> {
  const { addresses, rank, source, meetMs = MEET_MS } = cluster;
  logger.info(`ranks     ${addresses.length} by ${source}; this is rank ${rank} at ${addresses[rank]}`);
  if (engine.ranks?.exposed === true)
    logger.warn(
      `whoever reaches ${addresses[rank]} can run code in this process (TensorFlow's server has no authentication): keep others out by a network policy`,
    );
  const ranks = await Ranks.meet({
    engine,
    addresses,
    limitMs: meetMs,
    onWait: (other, address) => logger.info(`waiting for rank ${other} at ${address}, ${formatWait(meetMs)}`),
    onLost: (error) => endSoon(error, logger),
    wanted: () => stopReason(signal),
  });
  try {
    return await ranks.watch(() => work(ranks));
  } finally {
    ranks.abandon();
  }
}

function endSoon(error: MultichexnetError, logger: Logger): void {
  const timer = setTimeout(() => {
    logger.warn(`${error.code}: ${error.message}`);
    process.exit(PEER_LOST_EXIT);
  }, END_MS);
  timer.unref();
}
