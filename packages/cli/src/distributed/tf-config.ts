import { checkedAddresses, refuse, type Cluster } from './cluster.js';

const SOURCE = 'TF_CONFIG';
/** Kinds of process that take part, in the order of their ranks; `master` is the old word for chief. */
const TRAINING = ['chief', 'master', 'worker'];

/**
 * What Kubeflow's TFJob gives each process: `{"cluster": {"chief": ["host:2222"], "worker": [...]}, "task": {"type": "worker", "index": 0}}`. Workers may be
 * listed sparsely, by index: `{"worker": {"1": "host:2222"}}`. Rank 0 is the chief, else the first worker.
 *
 * @returns undefined for a process that is alone
 * @throws CliError CLI_CLUSTER for what cannot train this way: parameter servers, an evaluator
 */
export function clusterOfTfConfig(text: string): Cluster | undefined {
  const { cluster = {}, task = {} } = parse(text);
  const kinds = Object.keys(cluster).filter((kind) => tasksOf(cluster, kind).length > 0);
  if (kinds.includes('ps') || task.type === 'ps')
    refuse(SOURCE, 'parameter servers are not used here; every replica must be a worker (or the one chief)');
  if (task.type === 'evaluator')
    refuse(SOURCE, 'an evaluator does not train; leave it out of the job: rank 0 evaluates when training is done');
  const unknown = kinds.find((kind) => !TRAINING.includes(kind) && kind !== 'evaluator');
  if (unknown !== undefined) refuse(SOURCE, `there is no part for a "${unknown}"; known: chief, worker`);
  const members = TRAINING.flatMap((kind) => tasksOf(cluster, kind).map((one) => ({ kind, ...one })));
  const index = Number(task.index ?? 0);
  const rank = members.findIndex((member) => member.kind === task.type && member.index === index);
  if (members.length === 0 && task.type === undefined) return undefined;
  if (rank < 0) refuse(SOURCE, `the cluster has no task ${String(task.type)} ${String(task.index)}`);
  if (members.length === 1) {
    if (index > 0)
      refuse(SOURCE, `worker ${index} is named alone (enableDynamicWorker?); every worker must be told of the others`);
    return undefined;
  }
  const addresses = members.map(({ address }) => address);
  return { source: SOURCE, rank, addresses: checkedAddresses(SOURCE, addresses), scheduled: true };
}

interface TfConfig {
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly task?: { readonly type?: unknown; readonly index?: unknown };
}

function parse(text: string): TfConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    refuse(SOURCE, `no JSON: ${(error as Error).message}`);
  }
  const isObject = (part: unknown): boolean => typeof part === 'object' && part !== null && !Array.isArray(part);
  const { cluster, task } = (isObject(value) ? value : refuse(SOURCE, 'an object is wanted')) as TfConfig;
  if (cluster !== undefined && !isObject(cluster)) refuse(SOURCE, 'cluster must be an object');
  if (task !== undefined && !isObject(task)) refuse(SOURCE, 'task must be an object');
  return value as TfConfig;
}

/** Addresses of one kind by index, from a list or the sparse form. */
function tasksOf(cluster: Readonly<Record<string, unknown>>, kind: string): { index: number; address: string }[] {
  const given = cluster[kind];
  if (given === undefined || given === null) return [];
  if (typeof given !== 'object') refuse(SOURCE, `cluster.${kind} must be a list of addresses, or an object by index`);
  const tasks = Object.entries(given).map(([index, address]: [string, unknown]) => ({
    index: Number(index),
    address: typeof address === 'string' ? address : refuse(SOURCE, `cluster.${kind} has an address that is no text`),
  }));
  if (tasks.some(({ index }) => !Number.isInteger(index)))
    refuse(SOURCE, `cluster.${kind} has an index that is no number`);
  return tasks.sort((a, b) => a.index - b.index);
}
