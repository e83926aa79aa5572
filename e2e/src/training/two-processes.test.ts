import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needEngine } from '@multichexnet/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTinyData } from './tiny-data.js';
import { resultFiles, runTiny, tinyProtocol, type Words } from './tiny-run.js';

const script = fileURLToPath(new URL('./train-once.mjs', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'two-processes-'));
  await writeTinyData(join(folder, 'one'), { images: 40, perPatient: 2, seed: 1 });
  await writeTinyData(join(folder, 'two'), { images: 40, seed: 2 });
});
afterAll(() => rm(folder, { recursive: true }));

function protocol(seed: number): Words {
  const turns = [
    { on: 'one', train: ['encoder', 'cls'] },
    { on: 'two', train: ['encoder', 'cls', 'seg'] },
  ];
  const phases = {
    gate: { train: ['encoder', 'gate'], on: 'two' },
    multi: {
      schedule: { kind: 'alternating', order: 'random', turns },
      gate: { seg: 'gate' },
      augment: { rotate: 10, scale: 0.1, brightness: 0.1 },
      teacherForcing: { probability: 0.5 },
    },
  };
  const rows = [{ label: 'multi', phase: 'multi', on: { cls: ['one', 'two'] } }];
  return tinyProtocol(folder, phases, { tables: { t: { title: 'T', columns: { A: 'cls.auroc' }, rows } }, seed });
}

/** Runs in another process, which is killed when it says the given line. */
async function inProcess(seed: number, out: string, killAt?: string): Promise<void> {
  const child = spawn(process.execPath, [script, JSON.stringify(protocol(seed)), out]);
  let [said, errors] = ['', ''];
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
    if (killAt !== undefined && said.includes(`${killAt}\n`)) child.kill('SIGKILL');
  });
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (killAt === undefined ? code !== 0 : signal !== 'SIGKILL')
    throw new Error(`the process ended with ${code ?? signal}: ${errors}`);
}

type Files = Record<string, string>;
function differing(a: Files, b: Files): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);
}

let whole: Files;
test('the same seed gives the same bytes in every process, another seed others', async (context) => {
  const engine = await needEngine(context);
  const runs = ['a', 'b', 'c', 'd'].map((name) => join(folder, `run-${name}`)) as [string, string, string, string];
  await Promise.all([inProcess(7, runs[0]), inProcess(7, runs[1])]);
  await inProcess(8, runs[2]);
  // In a process that has trained other things before
  await runTiny(engine, protocol(8), join(folder, 'warm-up'));
  await runTiny(engine, protocol(7), runs[3]);
  const [a, b, c, d] = (await Promise.all(runs.map((run) => resultFiles(run)))) as [Files, Files, Files, Files];
  expect(Object.keys(a).length).toBeGreaterThan(12);
  expect(differing(a, b)).toEqual([]);
  expect(differing(a, d)).toEqual([]);
  expect(differing(a, c)).toContain('phases/multi/checkpoint-00000006/model.safetensors');
  whole = a;
});

test('killed again and again, a run ends with the bytes of an unbroken one', async (context) => {
  await needEngine(context);
  const out = join(folder, 'killed');
  // before the first checkpoint, after one, and in the second phase
  for (const line of ['gate 1', 'gate 5', 'multi 4']) await inProcess(7, out, line);
  await inProcess(7, out);
  expect(differing(whole, await resultFiles(out))).toEqual([]);
});
