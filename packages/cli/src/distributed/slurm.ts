import { checkedAddresses, refuse, wholeOf, type Cluster, type Environment } from './cluster.js';

const SOURCE = 'Slurm';
/** The first port is this and the last four digits of the job's number, the second of a node the next one. */
const FIRST_PORT = 15_000;

/**
 * The tasks of one `srun`: node names from SLURM_STEP_NODELIST, block distribution (Slurm's default).
 *
 * @returns undefined outside of srun and for a single task
 * @throws CliError CLI_CLUSTER when the ranks cannot be told apart by these rules
 */
export function clusterOfSlurm(environment: Environment): Cluster | undefined {
  if (environment['SLURM_STEP_ID'] === undefined || environment['SLURM_PROCID'] === undefined) return undefined;
  const count = environment['SLURM_STEP_NUM_TASKS'] === undefined ? 'SLURM_NTASKS' : 'SLURM_STEP_NUM_TASKS';
  const size = wholeOf(environment, count);
  const rank = wholeOf(environment, 'SLURM_PROCID');
  if (size < 2) return undefined;
  const list = environment['SLURM_STEP_NODELIST'] ?? environment['SLURM_JOB_NODELIST'] ?? '';
  const nodes = expandNodes(list);
  const counts = expandCounts(environment['SLURM_STEP_TASKS_PER_NODE'] ?? environment['SLURM_TASKS_PER_NODE'] ?? '');
  const tasks = nodes.flatMap((node, n) => Array.from({ length: counts[n] ?? 0 }, (_, local) => ({ node, n, local })));
  if (tasks.length !== size || rank >= size)
    refuse(SOURCE, `${size} tasks do not fit "${list}" with ${counts.join(', ')} tasks a node`);
  const own = environment['SLURM_NODEID'];
  if (own !== undefined && Number(own) !== tasks[rank]?.n)
    refuse(SOURCE, `rank ${rank} is on node ${own}, not where a block distribution has it: srun --distribution=block`);
  const port = FIRST_PORT + (wholeOf(environment, 'SLURM_JOB_ID') % 10_000);
  const addresses = tasks.map(({ node, local }) => `${node}:${port + local}`);
  return { source: SOURCE, rank, addresses: checkedAddresses(SOURCE, addresses), scheduled: true };
}

/** `gpu[01-03,07],login` -> gpu01, gpu02, gpu03, gpu07, login. @throws CliError CLI_CLUSTER */
export function expandNodes(list: string): string[] {
  const parts = list.match(/[^,[\]]*(\[[^\]]*\])?[^,[\]]*/g)?.filter((part) => part !== '') ?? [];
  return parts.flatMap((part) => {
    const [, prefix = '', ranges, suffix = ''] = /^([^[\]]*)\[([^\]]*)\]([^[\]]*)$/.exec(part) ?? [];
    if (ranges === undefined) return [part];
    return ranges.split(',').flatMap((range) => {
      const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
      if (first === undefined || last === undefined) refuse(SOURCE, `the node list "${list}" cannot be read`);
      const numbers = Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
      return numbers.map((number) => `${prefix}${String(number).padStart(first.length, '0')}${suffix}`);
    });
  });
}

/** `2(x3),1` -> 2, 2, 2, 1. */
export function expandCounts(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [, count, times = '1'] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part) ?? [];
    return count === undefined ? [] : new Array<number>(Number(times)).fill(Number(count));
  });
}
