import { checkedAddresses, checkedSize, got, refuse, wholeOf, type Cluster, type Environment } from './cluster.js';

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
  const size = checkedSize(SOURCE, wholeOf(environment, count));
  const rank = wholeOf(environment, 'SLURM_PROCID');
  if (size < 2) return undefined;
  const list = environment['SLURM_STEP_NODELIST'] ?? environment['SLURM_JOB_NODELIST'] ?? '';
  const perNode = environment['SLURM_STEP_TASKS_PER_NODE'] ?? environment['SLURM_TASKS_PER_NODE'] ?? '';
  const nodes = expandNodes(list, size);
  const counts = expandCounts(perNode, size);
  const tasks = nodes.flatMap((node, n) => Array.from({ length: counts[n] ?? 0 }, (_, local) => ({ node, n, local })));
  if (tasks.length !== size || nodes.length !== counts.length || rank >= size)
    refuse(SOURCE, `task ${rank} of ${size} does not fit the nodes and the tasks a node, ${got([list, perNode])}`);
  const own = environment['SLURM_NODEID'];
  if (own !== undefined && Number(own) !== tasks[rank]?.n)
    refuse(SOURCE, `rank ${rank} is on node ${own}, not where a block distribution has it: srun --distribution=block`);
  const port = FIRST_PORT + (wholeOf(environment, 'SLURM_JOB_ID') % 10_000);
  const addresses = tasks.map(({ node, local }) => `${node}:${port + local}`);
  return { source: SOURCE, rank, addresses: checkedAddresses(SOURCE, addresses), scheduled: true };
}

/** A node's name is a host's. */
const LONGEST_NAME = 253;

/**
 * `gpu[01-03,07],login` -> gpu01, gpu02, gpu03, gpu07, login; `r[1-2]n[1-2]` -> r1n1, r1n2, r2n1, r2n2 (as `scontrol show hostnames` lists them).
 * @param most nodes that there can be: a longer list is refused before it is made
 * @throws CliError CLI_CLUSTER
 */
export function expandNodes(list: string, most: number): string[] {
  const names: string[] = [];
  let current = [''];
  for (const [token, ranges] of [...list.matchAll(/\[([^[\]]*)\]|[^,[\]\s]+|,|[^]/g), [',']]) {
    if (token === ',') {
      if (current[0] === '') unreadable('node list', list);
      names.push(...current);
      current = [''];
      continue;
    }
    if (ranges === undefined && /^[[\]\s]$/.test(token ?? '')) unreadable('node list', list);
    const endings = ranges === undefined ? [token ?? ''] : expandRanges(ranges, list, most);
    if (names.length + current.length * endings.length > most)
      refuse(SOURCE, `the node list names more than ${most} nodes, one for each task, ${got(list)}`);
    current = current.flatMap((name) => endings.map((ending) => `${name}${ending}`));
    if ((current[0] ?? '').length > LONGEST_NAME) unreadable('node list', list);
  }
  return names;
}

/** `01-03,07` -> 01, 02, 03, 07. */
function expandRanges(ranges: string, list: string, most: number): string[] {
  const numbers: string[] = [];
  for (const range of ranges.split(',')) {
    const [, first, last = first] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(range) ?? [];
    if (first === undefined || last === undefined || Number(last) < Number(first)) unreadable('node list', list);
    const length = Number(last) - Number(first) + 1;
    if (numbers.length + length > most)
      refuse(SOURCE, `the node list names more than ${most} nodes, one for each task, ${got(list)}`);
    for (let i = 0; i < length; i++) numbers.push(String(Number(first) + i).padStart(first.length, '0'));
  }
  return numbers;
}

/** `2(x3),1` -> 2, 2, 2, 1. @param most tasks that there can be, on all nodes together @throws CliError CLI_CLUSTER */
export function expandCounts(text: string, most: number): number[] {
  const counts: number[] = [];
  let total = 0;
  for (const part of text.split(',')) {
    const [, count, times = '1'] = /^(\d{1,15})(?:\(x(\d{1,15})\))?$/.exec(part) ?? [];
    if (count === undefined) unreadable('number of tasks a node', text);
    total += Math.max(1, Number(count)) * Number(times);
    if (total > most) refuse(SOURCE, `the tasks a node are more than ${most} tasks together, ${got(text)}`);
    for (let i = 0; i < Number(times); i++) counts.push(Number(count));
  }
  return counts;
}

function unreadable(what: string, text: string): never {
  refuse(SOURCE, `the ${what} cannot be read, ${got(text)}`);
}
