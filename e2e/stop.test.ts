import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { multichexnet, temporary, type Finished } from './command.ts';

const tree = inject('phantom');
let folder: string;

const CONFIG = `
datasets:
  siim: { kind: siim, root: ${join(tree, 'siim')} }
model:
  encoder: { kind: densenet, depth: small, size: 32 }
  heads:
    seg: { kind: seg, growth: 4, layers: 1 }
train:
  schedule: { kind: alternating, turns: [{ dataset: siim, heads: [seg] }] }
  optimizer: { kind: sgd, learningRate: 0.05 }
  steps: 4
  batchSize: 2
  seed: 1
  checkpointEvery: 1
  resamples: 100
  workers: 0
`;

beforeAll(async () => {
  folder = await temporary();
  await writeFile(join(folder, 'config.yaml'), CONFIG);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Trains, and sends `signal` as soon as `ready` holds of what stands on stderr. */
function stopWhen(
  ready: (said: string) => boolean | Promise<boolean>,
  signal: NodeJS.Signals,
  ...words: string[]
): Promise<Finished> {
  return multichexnet(['train', 'config.yaml', '--json', ...words], {
    cwd: folder,
    onStart: (child) => {
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
      void (async () => {
        while (child.exitCode === null && !(await ready(said))) await new Promise((wait) => setTimeout(wait, 10));
        child.kill(signal);
      })();
    },
  });
}

const entries = (name: string): Promise<string[]> => readdir(join(folder, name)).catch(() => []);

test.each([
  ['SIGINT', 130, 'INTERRUPTED'],
  ['SIGTERM', 143, 'RUN_PREEMPTED'],
] as const)('%s before the first step ends the start with %d', async (signal, code, name) => {
  const stopped = await stopWhen((said) => said.includes('engine '), signal, '--out', signal);
  expect(stopped.code, stopped.stderr).toBe(code);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { code: name } });
  // How far it had come depends on the machine: a run that has not begun leaves nothing, one that has can be gone on with.
  const left = await entries(signal);
  expect(left.length === 0 || left.includes('config.json'), left.join()).toBe(true);
  expect(left).not.toContain('run.lock');
  expect((await entries(`${signal}/phases/train`)).filter((name) => name.startsWith('checkpoint'))).toEqual([]);
});

test('SIGINT while two processes are being started ends both', async () => {
  const stopped = await stopWhen((said) => said.includes('workers '), 'SIGINT', '--out', 'two', '--workers', '2');
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
  expect(await entries('two/phases')).toEqual([]);
});

test('a second SIGINT ends both processes at once, and the run goes on with --resume', async () => {
  let parent = 0;
  let said = '';
  const steps = ['--set', 'train.steps=60', '--set', 'train.checkpointEvery=30'];
  const finished = multichexnet(['train', 'config.yaml', '--out', 'twice', '--workers', '2', ...steps], {
    cwd: folder,
    onStart: (child) => {
      parent = child.pid ?? 0;
      child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    },
  });
  while (!(await entries('twice/phases/train')).some((name) => name.startsWith('checkpoint')))
    await new Promise((wait) => setTimeout(wait, 10));
  const ranks = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).trim().split(' ').map(Number);
  expect(ranks.length).toBe(2);
  for (const pid of ranks) process.kill(pid, 'SIGSTOP'); // as if in a step that takes long
  process.kill(parent, 'SIGINT');
  while (!said.includes('once more to stop at once')) await new Promise((wait) => setTimeout(wait, 10));
  process.kill(parent, 'SIGINT');
  const end = performance.now() + 5000;
  let left = [true];
  while (left.includes(true) && performance.now() < end) {
    await new Promise((wait) => setTimeout(wait, 50));
    left = await Promise.all(ranks.map(isRunning));
  }
  ranks.filter((_, rank) => left[rank]).forEach((pid) => process.kill(pid, 'SIGKILL'));
  expect(left).toEqual([false, false]);
  expect(await finished).toMatchObject({ code: 130 });
  const resumed = await multichexnet(['train', 'config.yaml', '--out', 'twice', '--resume', ...steps], { cwd: folder });
  expect(resumed.code, resumed.stderr).toBe(0);
});

/** Not ended, or ended and not waited for. proc(5): the state stands behind the name in brackets. */
async function isRunning(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !/^ [ZX]/.test(text.slice(text.lastIndexOf(')') + 1));
}

test.each([
  ['SIGINT', 130, 'INTERRUPTED'],
  ['SIGTERM', 143, 'RUN_PREEMPTED'],
] as const)('%s after the training ends the evaluation with %d; --resume does it', async (signal, code, name) => {
  const out = `evaluated-${signal}`;
  const trained = async () => (await entries(`${out}/phases/train`)).includes('checkpoint-00000004');
  const stopped = await stopWhen(trained, signal, '--out', out);
  expect(stopped.code, stopped.stderr).toBe(code);
  const { error } = JSON.parse(stopped.stdout) as { error: { code: string; message: string } };
  expect(error.code).toBe(name);
  expect(error.message).toMatch(/what is trained is saved.*--resume/);
  expect(await entries(`${out}/phases/train`)).not.toContain('evaluation.json');
  expect(await entries(out)).not.toContain('run.lock');
  const resumed = await multichexnet(['train', 'config.yaml', '--json', '--out', out, '--resume'], { cwd: folder });
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(JSON.parse(resumed.stdout)).toMatchObject({ phases: [{ steps: 4 }] });
});

test('ranks that refuse to train leave nothing behind but what was there, so that the mended command begins', async () => {
  await mkdir(join(folder, 'differ'));
  await writeFile(join(folder, 'differ/notes.txt'), 'mine');
  const both = async (...more: readonly (readonly string[])[]): Promise<Finished[]> => {
    const peers = (await freePorts(2)).map((port) => `127.0.0.1:${port}`).join(',');
    return Promise.all(
      [0, 1].map((rank) =>
        multichexnet(
          [
            ...['train', 'config.yaml', '--out', 'differ', '--resume=auto', '--threads', '1'],
            ...['--rank', `${rank}`, '--peers', peers, ...(more[rank] ?? [])],
          ],
          { cwd: folder },
        ),
      ),
    );
  };
  const learningRate = ['--set', 'train.optimizer.learningRate=0.01'];
  const logGradients = ['--set', 'train.logGradients=1'];
  for (const [first, second, refused, exit] of [
    [learningRate, [], 'RANKS_DIFFER', 2],
    [logGradients, logGradients, 'RANKS_WEIGHTING', 1],
  ] as const) {
    for (const { code, stderr } of await both(first, second)) {
      expect(code, stderr).toBe(exit);
      expect(stderr).toContain(refused);
    }
    expect(await entries('differ')).toEqual(['notes.txt']);
  }
  for (const { code, stderr } of await both()) expect(code, stderr).toBe(0);
});

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((up) => server.listen(0, '127.0.0.1', up))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
