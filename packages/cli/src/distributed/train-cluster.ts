import type { Logger } from '@multichexnet/core';
import type { ParsedArguments } from '../arguments/parse-arguments.js';
import { formatWait } from '../output/words.js';
import { findCluster, missedCluster } from './find-cluster.js';
import { bracketed, MEET_MS, type Cluster, type Environment } from './cluster.js';
import { meetAtMaster } from './meet-at-master.js';

const LONGEST_S = 86_400;

/** The processes that the command line or the scheduler names; undefined where this one trains alone. @throws CliError CLI_CLUSTER; MultichexnetError INTERRUPTED, RUN_PREEMPTED */
export async function trainCluster(
  args: ParsedArguments,
  environment: Environment,
  logger: Logger,
  signal: AbortSignal,
): Promise<Cluster | undefined> {
  const rank = args.whole('rank', 0);
  const world = args.whole('world', 1);
  const peers = args.text('peers');
  const found = findCluster(
    {
      ...(rank === undefined ? {} : { rank }),
      ...(world === undefined ? {} : { world }),
      ...(peers === undefined ? {} : { peers }),
    },
    environment,
  );
  if (found === undefined) {
    const note = missedCluster(environment);
    if (note !== undefined) logger.warn(note);
    return undefined;
  }
  const seconds = args.whole('meet-within', 1, LONGEST_S);
  const meetMs = seconds === undefined ? MEET_MS : seconds * 1000;
  if ('addresses' in found) return { ...found, meetMs };
  const { size, host, port } = found;
  logger.info(`waiting until ${size} ranks meet at ${bracketed(host)}:${port}, ${formatWait(meetMs)}`);
  return { ...(await meetAtMaster(found, meetMs, signal)), meetMs };
}

/** Whether a scheduler has started this command before: an unfinished run is then gone on with. */
export function isRestarted(environment: Environment): boolean {
  return Number(environment['SLURM_RESTART_COUNT'] ?? 0) > 0;
}
