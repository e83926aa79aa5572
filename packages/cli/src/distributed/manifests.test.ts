import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseCommandLine } from '../arguments/parse-arguments.js';
import { commands } from '../command-list.js';
import { findCluster } from './find-cluster.js';
import { findShard } from '../predict/find-shard.js';

const docs = (name: string): string =>
  readFileSync(new URL(`../../../../docs/distributed/${name}`, import.meta.url), 'utf8');
const schemas = JSON.parse(
  gunzipSync(readFileSync(new URL('golden/scheduler-schemas.json.gz', import.meta.url))).toString(),
) as Record<'tfjob' | 'job', object>;

interface Container {
  readonly name: string;
  readonly command: string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
}
interface TfJob {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly tfReplicaSpecs: Readonly<
      Record<string, { replicas: number; restartPolicy: string; template: { spec: { containers: Container[] } } }>
    >;
  };
}
interface IndexedJob {
  readonly spec: {
    readonly completions: number;
    readonly parallelism: number;
    readonly completionMode: string;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
}

/** The problems that the scheduler's own schema has with a document. */
function problems(schema: object, document: unknown): string[] {
  const check = new Ajv({ strict: false, allErrors: true }).compile(schema);
  check(document);
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** The words of a shell command as the command line reads them. */
async function parsed(words: readonly string[]) {
  expect(words[0]).toBe('multichexnet');
  const line = await parseCommandLine(words.slice(1), commands, () => Promise.resolve(''));
  return { name: line.command?.name, args: line.args };
}

test('the TFJob fits its definition, and a misspelt word would not', () => {
  const job = parse(docs('tfjob.yaml')) as TfJob;
  expect(problems(schemas.tfjob, job)).toEqual([]);
  const wrong = structuredClone(job) as unknown as { spec: { tfReplicaSpecs: { Worker: Record<string, unknown> } } };
  wrong.spec.tfReplicaSpecs.Worker['restartpolicy'] = 'Never';
  expect(problems(schemas.tfjob, wrong)).toEqual([expect.stringContaining('restartpolicy')]);
});

test.each([1, 2, 4])('its command with the TF_CONFIG of %d workers: who is who', async (replicas) => {
  const { metadata, spec } = parse(docs('tfjob.yaml')) as TfJob;
  expect(Object.keys(spec.tfReplicaSpecs)).toEqual(['Worker']);
  const [container] = spec.tfReplicaSpecs['Worker']!.template.spec.containers as [Container];
  expect(container.name).toBe('tensorflow');
  expect(container.ports).toEqual([{ name: 'tfjob-port', containerPort: 2222 }]);
  const { name, args } = await parsed(container.command);
  expect([name, args.text('resume'), args.text('out')]).toEqual(['train', 'auto', '/runs/mtl']);
  // As the operator writes it.
  const worker = Array.from({ length: replicas }, (_, index) => `${metadata.name}-worker-${index}.default.svc:2222`);
  for (let index = 0; index < replicas; index++) {
    const config = { cluster: { worker }, task: { type: 'worker', index }, environment: 'cloud' };
    const cluster = findCluster({}, { TF_CONFIG: JSON.stringify(config) });
    if (replicas === 1) expect(cluster).toBeUndefined();
    else expect(cluster).toMatchObject({ rank: index, addresses: worker });
  }
});

test('the Indexed Job fits its definition, and each pod finds its shard', async () => {
  const job = parse(docs('predict-job.yaml')) as IndexedJob;
  expect(problems(schemas.job, job)).toEqual([]);
  const { completions, completionMode, template } = job.spec;
  expect(completionMode).toBe('Indexed');
  const { name, args } = await parsed((template.spec.containers as [Container])[0].command);
  expect([name, args.text('shards')]).toEqual(['predict', `${completions}`]);
  for (let index = 0; index < completions; index++)
    expect(findShard(args, { JOB_COMPLETION_INDEX: `${index}` })).toEqual({ index, count: completions });
});

test('the network policy selects the pods of the TFJob', () => {
  const policy = parse(docs('network-policy.yaml')) as { spec: { podSelector: { matchLabels: object } } };
  const job = parse(docs('tfjob.yaml')) as {
    spec: { tfReplicaSpecs: { Worker: { template: { metadata: { labels: object } } } } };
  };
  expect(policy.spec.podSelector.matchLabels).toEqual(job.spec.tfReplicaSpecs.Worker.template.metadata.labels);
});

/** `#SBATCH --name=value` lines, and the command after them. */
function sbatch(name: string): { options: Record<string, string>; command: string[] } {
  const lines = docs(name).replaceAll('\\\n', ' ').split('\n');
  expect(lines[0]).toBe('#!/bin/bash');
  const options = lines.flatMap((line) => {
    const [, key, value = ''] = /^#SBATCH --([a-z-]+)(?:=(\S+))?$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value] as const];
  });
  expect(options.length).toBe(lines.filter((line) => line.startsWith('#SBATCH')).length);
  const line = lines.find((candidate) => /^[^#]*\bmultichexnet (train|predict) \S+ /.test(candidate)) ?? '';
  return {
    options: Object.fromEntries(options),
    command: line.slice(line.indexOf('multichexnet')).trim().split(/\s+/),
  };
}

/** Options of sbatch that the scripts use (sbatch(1), Slurm 23.11). */
const SBATCH = new Set(
  'job-name nodes ntasks-per-node cpus-per-task mem-per-cpu time requeue open-mode output signal array'.split(' '),
);

test.each([1, 2, 4])('the sbatch script with the variables of %d tasks: who is who', async (tasks) => {
  const { options, command } = sbatch('train.sbatch');
  for (const option of Object.keys(options)) expect(SBATCH).toContain(option);
  expect(options).toMatchObject({ signal: 'USR1@120', 'open-mode': 'append', requeue: '' });
  const { name, args } = await parsed(command.map((word) => (word.includes('SLURM_CPUS_PER_TASK') ? '8' : word)));
  expect([name, args.text('resume'), args.whole('threads', 1)]).toEqual(['train', 'auto', 8]);
  const each = Number(options['ntasks-per-node']);
  const nodes = Math.ceil(tasks / each);
  for (let rank = 0; rank < tasks; rank++) {
    const cluster = findCluster(
      {},
      {
        SLURM_JOB_ID: '4242',
        SLURM_STEP_ID: '0',
        SLURM_PROCID: `${rank}`,
        SLURM_STEP_NUM_TASKS: `${tasks}`,
        SLURM_STEP_NODELIST: nodes === 1 ? 'node7' : `node[7-${6 + nodes}]`,
        SLURM_STEP_TASKS_PER_NODE: nodes === 1 ? `${tasks}` : `${each}(x${nodes})`,
        SLURM_NODEID: `${Math.floor(rank / each)}`,
      },
    );
    if (tasks === 1) expect(cluster).toBeUndefined();
    else expect(cluster).toMatchObject({ rank, source: 'Slurm' });
  }
});

test('each task of the array finds its shard', async () => {
  const { options, command } = sbatch('predict.sbatch');
  for (const option of Object.keys(options)) expect(SBATCH).toContain(option);
  const [first, last] = (options['array'] ?? '').split('-').map(Number) as [number, number];
  const { name, args } = await parsed(command);
  expect(name).toBe('predict');
  for (let id = first; id <= last; id++) {
    const environment = {
      SLURM_ARRAY_TASK_ID: `${id}`,
      SLURM_ARRAY_TASK_COUNT: `${last - first + 1}`,
      SLURM_ARRAY_TASK_MIN: `${first}`,
    };
    expect(findShard(args, environment)).toEqual({ index: id - first, count: last - first + 1 });
  }
});
