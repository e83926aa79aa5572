import { checkedAddresses, got, refuse, type Cluster } from './cluster.js';

const SOURCE = 'TF_CONFIG';
/** Kinds of process that take part, in the order of their ranks; `master` is the old word for chief. */
const TRAINING = ['chief', 'master', 'worker'];
/** An index as JSON and Kubeflow write it: no sign, no leading zero. */
const INDEX = /^(0|[1-9]\d{0,8})$/;

/**
 * What Kubeflow's TFJob gives each process: `{"cluster": {"chief": ["host:2222"], "worker": [...]}, "task": {"type": "worker", "index": 0}}`. Rank 0 is the
 * chief, of which there is one at most, else the first worker.
 *
 * Workers may be listed by index, `{"worker": {"0": "host:2222", "1": ...}}`, each once and none left out: every rank must know all others, and one that is
 * told of fewer would count itself another rank than they do. Gaps belong to a dynamic cluster (`enableDynamicWorker: true`), where Kubeflow writes
 * `sparseCluster` and names to a worker itself and the parameter servers only: that is refused.
 *
 * @returns undefined for a process that is alone
 * @throws CliError CLI_CLUSTER for what cannot train this way: parameter servers, an evaluator, a dynamic cluster
 */
export function clusterOfTfConfig(text: string): Cluster | undefined {
  const { cluster, task, sparseCluster } = parse(text);
  if (sparseCluster !== undefined)
    refuse(SOURCE, `sparseCluster tells a worker its own address and no other worker's; ${DYNAMIC}`);
  const kinds = Object.keys(cluster).filter((kind) => tasksOf(cluster, kind).length > 0);
  if (kinds.includes('ps') || task.type === 'ps')
    refuse(SOURCE, 'parameter servers are not used here; every replica must be a worker (or the one chief)');
  if (task.type === 'evaluator')
    refuse(SOURCE, 'an evaluator does not train; leave it out of the job: rank 0 evaluates when training is done');
  const unknown = kinds.find((kind) => !TRAINING.includes(kind) && kind !== 'evaluator');
  if (unknown !== undefined) refuse(SOURCE, `the kinds of a cluster are chief and worker, ${got(unknown)}`);
  const members = TRAINING.flatMap((kind) => tasksOf(cluster, kind).map((one) => ({ kind, ...one })));
  const chiefs = members.filter(({ kind }) => kind !== 'worker').map(({ address }) => address);
  if (chiefs.length > 1) refuse(SOURCE, `a cluster has one chief, ${got(chiefs)}`);
  if (members.length === 0 && task.type === undefined) return undefined;
  if (typeof task.type !== 'string') refuse(SOURCE, `task.type must be chief or worker, ${got(task.type)}`);
  const index = indexOfTask(task.index);
  const rank = members.findIndex((member) => member.kind === task.type && member.index === index);
  if (rank < 0) refuse(SOURCE, `the cluster has no task of this type and index, ${got([task.type, index])}`);
  const addresses = checkedAddresses(
    SOURCE,
    members.map(({ address }) => address),
  );
  return members.length === 1 ? undefined : { source: SOURCE, rank, addresses, scheduled: true };
}

const DYNAMIC =
  'every worker must be told of all others to add up gradients: set enableDynamicWorker: false in the TFJob, or leave it out';

interface TfConfig {
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly task: { readonly type?: unknown; readonly index?: unknown };
  readonly sparseCluster?: unknown;
}

function parse(text: string): TfConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse(SOURCE, `JSON is wanted, ${got(text)}`);
  }
  if (!isObject(value)) refuse(SOURCE, `an object is wanted, ${got(value)}`);
  const { cluster = {}, task = {}, sparseCluster } = value;
  if (!isObject(cluster)) refuse(SOURCE, `cluster must be an object, ${got(cluster)}`);
  if (!isObject(task)) refuse(SOURCE, `task must be an object, ${got(task)}`);
  return { cluster, task, sparseCluster };
}

function isObject(part: unknown): part is Readonly<Record<string, unknown>> {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}

function indexOfTask(index: unknown): number {
  const isIndex = typeof index === 'number' || typeof index === 'string';
  return isIndex && INDEX.test(String(index))
    ? Number(index)
    : refuse(SOURCE, `task.index must be a whole number from 0, ${got(index)}`);
}

/** Addresses of one kind in the order of their indices, from a list or by index. */
function tasksOf(cluster: Readonly<Record<string, unknown>>, kind: string): { index: number; address: string }[] {
  const given = cluster[kind];
  const name = `cluster.${kind.slice(0, 20)}`;
  if (given === undefined || given === null) return [];
  if (typeof given !== 'object')
    refuse(SOURCE, `${name} must be a list of addresses, or an object by index, ${got(given)}`);
  const tasks = Object.entries(given).map(([key, address]: [string, unknown]) => ({
    index: INDEX.test(key) ? Number(key) : refuse(SOURCE, `an index of ${name} is a whole number from 0, ${got(key)}`),
    address: typeof address === 'string' ? address : refuse(SOURCE, `${name} must have addresses, ${got(address)}`),
  }));
  tasks.sort((a, b) => a.index - b.index);
  const gap = tasks.findIndex(({ index }, i) => index !== i);
  if (gap >= 0) refuse(SOURCE, `${name} names an index ${tasks[gap]?.index}, but there is no ${gap}; ${DYNAMIC}`);
  return tasks;
}
