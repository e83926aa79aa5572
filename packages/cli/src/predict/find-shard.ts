import { createHash } from 'node:crypto';
import type { ParsedArguments } from '../arguments/parse-arguments.js';
import { wholeOf, type Environment } from '../distributed/cluster.js';
import { CliError } from '../errors.js';

/** One of `count` processes that share a folder's images. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/**
 * `--shard I/N`, else a Slurm array's task, else the completion index of a Kubernetes Job with `--shards N`; without any of them all images.
 * @throws CliError CLI_OPTION_VALUE, CLI_CLUSTER
 */
export function findShard(args: ParsedArguments, environment: Environment): Shard {
  const text = args.text('shard');
  if (text !== undefined) {
    const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
    return checked({ index: Number(index ?? NaN), count: Number(count ?? NaN) }, `--shard ${text}`);
  }
  const count = args.whole('shards', 1);
  if (environment['SLURM_ARRAY_TASK_ID'] !== undefined) {
    const first = environment['SLURM_ARRAY_TASK_MIN'] === undefined ? 0 : wholeOf(environment, 'SLURM_ARRAY_TASK_MIN');
    const tasks = count ?? wholeOf(environment, 'SLURM_ARRAY_TASK_COUNT');
    return checked({ index: wholeOf(environment, 'SLURM_ARRAY_TASK_ID') - first, count: tasks }, 'SLURM_ARRAY_TASK_ID');
  }
  if (environment['JOB_COMPLETION_INDEX'] !== undefined) {
    if (count === undefined)
      throw new CliError('CLI_MISSING_ARGUMENT', 'JOB_COMPLETION_INDEX says which shard this is; --shards N how many');
    return checked({ index: wholeOf(environment, 'JOB_COMPLETION_INDEX'), count }, 'JOB_COMPLETION_INDEX');
  }
  if (count !== undefined && count > 1)
    throw new CliError('CLI_MISSING_ARGUMENT', `--shards ${count} says how many there are; --shard I/N which this is`);
  return { index: 0, count: 1 };
}

function checked(shard: Shard, source: string): Shard {
  if (shard.count >= 1 && shard.index >= 0 && shard.index < shard.count) return shard;
  throw new CliError('CLI_OPTION_VALUE', `${source}: a shard is I/N with I from 0 to N - 1`);
}

/** Which shard a file belongs to: a function of its path below the folder alone. @param path with `/` */
export function shardOf(path: string, count: number): number {
  return createHash('sha256').update(path).digest().readUIntBE(0, 6) % count;
}
