import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needEngine } from '@multichexnet/testing';
import { expect, onTestFinished, test } from 'vitest';
import { writeTinyData } from './tiny-data.js';
import { resultFiles, runTiny, tinyProtocol, type Words } from './tiny-run.js';

const script = fileURLToPath(new URL('./train-once.mjs', import.meta.url));

async function inProcess(protocol: Words, out: string): Promise<void> {
  const child = spawn(process.execPath, [script, JSON.stringify(protocol), out], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the process ended with ${code}: ${errors}`);
}

test('the same seed gives the same bytes in every process, another seed others', async (context) => {
  const engine = await needEngine(context);
  const folder = await mkdtemp(join(tmpdir(), 'two-processes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeTinyData(join(folder, 'one'), { images: 40, perPatient: 2, seed: 1 });
  await writeTinyData(join(folder, 'two'), { images: 40, seed: 2 });
  const phases = {
    gate: { train: ['encoder', 'gate'], on: 'two' },
    multi: {
      schedule: {
        kind: 'alternating',
        order: 'random',
        turns: [
          { on: 'one', train: ['encoder', 'cls'] },
          { on: 'two', train: ['encoder', 'cls', 'seg'] },
        ],
      },
      gate: { seg: 'gate' },
      augment: { rotate: 10, scale: 0.1, brightness: 0.1 },
      teacherForcing: { probability: 0.5 },
    },
  };
  const tables = {
    t: {
      title: 'T',
      columns: { A: 'cls.auroc' },
      rows: [{ label: 'multi', phase: 'multi', on: { cls: ['one', 'two'] } }],
    },
  };
  const protocol = (seed: number): Words => tinyProtocol(folder, phases, { tables, seed });
  const runs = ['a', 'b', 'c', 'd'].map((name) => join(folder, `run-${name}`)) as [string, string, string, string];
  await Promise.all([inProcess(protocol(7), runs[0]), inProcess(protocol(7), runs[1])]);
  await inProcess(protocol(8), runs[2]);
  // In a process that has trained other things before
  await runTiny(engine, protocol(8), join(folder, 'warm-up'));
  await runTiny(engine, protocol(7), runs[3]);
  const [a, b, c, d] = (await Promise.all(runs.map((run) => resultFiles(run)))) as [Files, Files, Files, Files];
  expect(Object.keys(a).length).toBeGreaterThan(12);
  expect(changed(a, b)).toEqual([]);
  expect(changed(a, d)).toEqual([]);
  expect(changed(a, c)).toContain('phases/multi/checkpoint-00000006/model.safetensors');
});

type Files = Record<string, string>;
function changed(a: Files, b: Files): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);
}
