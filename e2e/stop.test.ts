import { readdir, rm, writeFile } from 'node:fs/promises';
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

/** Trains, and sends `signal` as soon as `when` stands on stderr. */
function stopAt(when: string, signal: NodeJS.Signals, ...words: string[]): Promise<Finished> {
  return multichexnet(['train', 'config.yaml', '--json', ...words], {
    cwd: folder,
    onStart: (child) => {
      let said = '';
      const listen = (chunk: Buffer): void => {
        said += chunk.toString();
        if (!said.includes(when)) return;
        child.stderr?.off('data', listen);
        child.kill(signal);
      };
      child.stderr?.on('data', listen);
    },
  });
}

const entries = (name: string): Promise<string[]> => readdir(join(folder, name)).catch(() => []);

test.each([
  ['SIGINT', 130, 'INTERRUPTED'],
  ['SIGTERM', 143, 'RUN_PREEMPTED'],
] as const)('%s before the first step ends the start with %d and leaves nothing', async (signal, code, name) => {
  const stopped = await stopAt('engine ', signal, '--out', signal);
  expect(stopped.code, stopped.stderr).toBe(code);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { code: name } });
  expect(await entries('.')).not.toContain(signal);
});

test('SIGINT while two processes are being started ends both', async () => {
  const stopped = await stopAt('workers ', 'SIGINT', '--out', 'two', '--workers', '2');
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
  expect(await entries('two/phases')).toEqual([]);
});
