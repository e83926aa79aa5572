import type { Logger } from '@multichexnet/core';
import type { ParsedArguments } from '../arguments/parse-arguments.js';
import { findCluster, missedCluster } from './find-cluster.js';
import type { Cluster, Environment } from './cluster.js';
import { meetAtMaster } from './meet-at-master.js';

const MEET_MS = 600_000;

/** The processes that the command line or the scheduler names; undefined where this one trains alone. @throws CliError CLI_CLUSTER */
export async function trainCluster(
  args: ParsedArguments,
  environment: Environment,
  logger: Logger,
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
  return 'addresses' in found ? found : meetAtMaster(found, MEET_MS);
}

/** Whether a scheduler has started this command before: an unfinished run is then gone on with. */
export function isRestarted(environment: Environment): boolean {
  return Number(environment['SLURM_RESTART_COUNT'] ?? 0) > 0;
}
