import { decodeSafetensors } from '@multichexnet/core';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { multichexnet, temporary, type Finished } from './command.ts';

const tree = inject('phantom');
let folder: string;
/** One process, nothing in its way. */
let unbroken: Promise<Finished>;

const CONFIG = `
datasets:
  rsna: { kind: rsna, root: ${join(tree, 'rsna')} }
  siim: { kind: siim, root: ${join(tree, 'siim')} }
model:
  encoder: { kind: densenet, depth: small, size: 32, batchNormMomentum: 0.9 }
  heads:
    det: { kind: det, anchors: 2, channels: 8 }
    seg: { kind: seg, growth: 4, layers: 1, dropout: 0.2, loss: bce+dice }
train:
  schedule: { kind: alternating, turns: [{ dataset: rsna, heads: [det] }, { dataset: siim, heads: [seg] }] }
  optimizer: { kind: sgd, learningRate: 0.05 }
  augment: { rotate: 5 }
  steps: 20
  batchSize: 8
  seed: 1
  checkpointEvery: 2
  resamples: 100
  syncBatchNorm: true
  workers: 0
`;

beforeAll(async () => {
  folder = await temporary();
  await writeFile(join(folder, 'config.yaml'), CONFIG);
  unbroken = train('one');
});
afterAll(async () => {
  await unbroken;
  await rm(folder, { recursive: true, force: true });
});

const train = (out: string, ...more: string[]): Promise<Finished> =>
  multichexnet(['train', 'config.yaml', '--out', out, '--quiet', ...more], { cwd: folder });

test('a rank that waits says for whom and how long, and ends when that is over', async () => {
  const [own, other] = await freePorts(2);
  const peers = `127.0.0.1:${other},127.0.0.1:${own}`;
  const { code, stderr } = await multichexnet(
    ['train', 'config.yaml', '--out', 'waits', '--rank', '1', '--peers', peers, '--meet-within', '2'],
    { cwd: folder },
  );
  expect(code).toBe(200);
  expect(stderr).toContain(`waiting for rank 0 at 127.0.0.1:${other}, up to 2 seconds`);
  expect(stderr).toContain('PEER_MISSING');
});

test('ranks that were given different configs are told the field', async () => {
  const peers = (await freePorts(2)).map((port) => `127.0.0.1:${port}`).join(',');
  const rank = (r: number, ...more: string[]): Promise<Finished> =>
    train('differ', '--rank', `${r}`, '--peers', peers, '--threads', '1', ...more);
  const ends = await Promise.all([rank(0), rank(1, '--set', 'train.optimizer.learningRate=0.01')]);
  for (const { code, stderr } of ends) {
    expect(code).toBe(2);
    expect(stderr).toContain('RANKS_DIFFER');
    expect(stderr.replace(/\s+/g, ' ')).toContain('phases.train.learningRate.base is 0.01, on rank 0 0.05');
  }
});

async function newestStep(out: string): Promise<number> {
  const entries = await readdir(join(folder, out, 'phases/train')).catch(() => [] as string[]);
  return Math.max(0, ...entries.flatMap((name) => /^checkpoint-(\d+)$/.exec(name)?.[1] ?? []).map(Number));
}

async function losses(out: string): Promise<number[]> {
  const text = await readFile(join(folder, out, 'phases/train/metrics.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { total: number }).total);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((up) => server.listen(0, up))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** Relative L2 distance of the parameters of two finished runs. */
async function distance(a: string, b: string): Promise<number> {
  const read = async (out: string) => {
    const file = join(folder, out, 'phases/train/checkpoint-00000020/model.safetensors');
    return decodeSafetensors(await readFile(file), file).tensors;
  };
  const [one, other] = [await read(a), await read(b)];
  expect(Object.keys(other)).toEqual(Object.keys(one));
  let [difference, size] = [0, 0];
  for (const [name, { data }] of Object.entries(one))
    data.forEach((value, i) => {
      difference += (value - (other[name]?.data[i] ?? NaN)) ** 2;
      size += value ** 2;
    });
  return Math.sqrt(difference / size);
}

/** Starts a training by two processes and calls `act` with their numbers when there is a checkpoint. */
async function disturb(
  out: string,
  act: (pids: readonly number[], parent: number) => void,
): Promise<Finished & { seconds: number }> {
  let parent = 0;
  const finished = multichexnet(['train', 'config.yaml', '--out', out, '--workers', '2'], {
    cwd: folder,
    onStart: (child) => (parent = child.pid ?? 0),
  });
  while ((await newestStep(out)) === 0) await new Promise((wait) => setTimeout(wait, 50));
  const started = performance.now();
  act(await ranksOf(parent), parent);
  return { ...(await finished), seconds: (performance.now() - started) / 1000 };
}

/** Goes on with a run and compares what comes out with an unbroken one. */
async function goOn(out: string, ...more: string[]): Promise<void> {
  expect(await newestStep(out)).toBeLessThan(20);
  const resumed = await train(out, '--resume', ...more);
  expect(resumed.code, resumed.stderr).toBe(0);
  await unbroken;
  expect(await distance('one', out)).toBeLessThan(1e-4);
}

/** Process numbers of a command's ranks, by rank. */
async function ranksOf(parent: number): Promise<number[]> {
  const children = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).trim().split(' ').map(Number);
  const ranks: number[] = [];
  for (const pid of children) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    const at = words.indexOf('--rank');
    if (at >= 0) ranks[Number(words[at + 1])] = pid;
  }
  return ranks;
}

test.concurrent('two processes with half of the batch each make the parameters of one with all of it', async () => {
  expect(await unbroken).toMatchObject({ code: 0 });
  const two = await train('two', '--workers', '2', '--json');
  expect(two.code, two.stderr).toBe(0);
  expect(JSON.parse(two.stdout)).toMatchObject({ run: 'two', phases: [{ steps: 20 }] });
  expect(await distance('one', 'two')).toBeLessThan(1e-4);
  const [own, both] = [await losses('one'), await losses('two')];
  expect(both.length).toBe(20);
  own.forEach((loss, step) => expect(both[step]).toBeCloseTo(loss, 4));
  expect(await readFile(join(folder, 'two/logs/rank-1.log'), 'utf8')).toContain('"rank": 1');
});

test.concurrent(
  'the same command on each rank, told apart by TF_CONFIG or by RANK and WORLD_SIZE, makes the same too',
  async () => {
    expect(await unbroken).toMatchObject({ code: 0 });
    const ports = await freePorts(5);
    const [chief = '', ...worker] = ports.slice(0, 4).map((port) => `127.0.0.1:${port}`);
    const task = (rank: number): object =>
      rank === 0 ? { type: 'chief', index: 0 } : { type: 'worker', index: rank - 1 };
    const kubeflow = (rank: number) => ({
      TF_CONFIG: JSON.stringify({ cluster: { chief: [chief], worker }, task: task(rank), environment: 'cloud' }),
    });
    const torch = (rank: number) => ({
      ...{ RANK: `${rank}`, WORLD_SIZE: '2', MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${ports[4]}` },
    });
    for (const [out, size, environment] of [
      ['kubeflow', 4, kubeflow],
      ['torch', 2, torch],
    ] as const) {
      const words = ['train', 'config.yaml', '--out', out, '--resume=auto', '--threads', '1'];
      const ranks = await Promise.all(
        Array.from({ length: size }, (_, rank) => multichexnet(words, { cwd: folder, env: environment(rank) })),
      );
      ranks.forEach(({ code, stderr }, rank) => {
        expect(code, stderr).toBe(0);
        expect(stderr).toContain(`this is rank ${rank} at`);
      });
      expect(await distance('one', out)).toBeLessThan(1e-4);
    }
  },
);

test.concurrent(
  'SIGTERM ends all after the same step with 143; the run goes on by itself with --resume=auto',
  async () => {
    const stopped = await disturb('term', (_, parent) => process.kill(parent, 'SIGTERM'));
    expect(stopped.code, stopped.stderr).toBe(143);
    expect(stopped.stderr).toContain('RUN_PREEMPTED');
    await goOn('term', '--resume=auto', '--workers', '2');
  },
);

test.concurrent.each([
  ['SIGSTOP', 1],
  ['SIGKILL', 1],
  ['SIGKILL', 0],
] as const)(
  'after %s of rank %d the other ends within a minute, says who is lost, and the run goes on, by one process too',
  async (signal, rank) => {
    const out = `${signal}-${rank}`;
    const lost = await disturb(out, (pids) => process.kill(pids[rank] as number, signal));
    expect(lost.code, lost.stderr).toBe(200);
    expect(lost.seconds).toBeLessThan(60);
    const said = rank === 0 ? await readFile(join(folder, out, 'logs/rank-1.log'), 'utf8') : lost.stderr;
    expect(said).toMatch(new RegExp(`PEER_LOST\\s+rank ${rank} at 127\\.0\\.0\\.1:\\d+ is\\s+lost`));
    if (rank === 1) await goOn(out);
  },
);

test.concurrent(
  'a folder read by two shards gives what one process reads; a shard that was torn off goes on',
  async () => {
    expect(await unbroken).toMatchObject({ code: 0 });
    const films = join(tree, 'rsna/stage_2_train_images');
    const predict = (out: string, ...more: string[]): Promise<Finished> =>
      multichexnet(['predict', 'one', films, '--out', out, '--quiet', ...more], { cwd: folder });
    const merge = async (out: string): Promise<string> => {
      const merged = await multichexnet(['predict', 'merge', out], { cwd: folder });
      expect(merged.code, merged.stderr).toBe(0);
      return readFile(join(folder, out, 'predictions.jsonl'), 'utf8');
    };
    expect(await predict('whole')).toMatchObject({ code: 0 });
    expect(await predict('parts', '--shard', '0/2')).toMatchObject({ code: 0 });
    expect((await multichexnet(['predict', 'merge', 'parts'], { cwd: folder })).stderr).toContain('PREDICT_INCOMPLETE');
    const file = join(folder, 'parts/shard-0-of-2.jsonl');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, -40));
    expect((await predict('parts', '--shard', '0/2')).stdout).toContain('1 read now');
    expect(await predict('parts', '--shard', '1/2')).toMatchObject({ code: 0 });
    const whole = await merge('whole');
    expect(await merge('parts')).toBe(whole);
    expect(whole.trim().split('\n').length).toBe((await readdir(films)).length);
  },
);
