import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@multichexnet/imaging';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger, type Logger } from '../log/logger.js';
import { loadNewestCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoint.js';

let folder: string;
let warnings: string[];
const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
beforeEach(async () => {
  warnings = [];
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const checkpoint = (step: number): Checkpoint => ({
  step,
  model: { 'encoder/conv/kernel': { shape: [2, 3], data: Float32Array.from({ length: 6 }, (_, i) => step + i / 7) } },
  optimizer: {
    'encoder/conv/kernel/m': { shape: [2, 3], data: new Float32Array(6).fill(step) },
    'encoder/conv/kernel/steps': { shape: [], data: Float32Array.of(step) },
  },
});
const name = (step: number): string => `checkpoint-${String(step).padStart(8, '0')}`;
async function expectNewest(step: number): Promise<void> {
  const found = await loadNewestCheckpoint(folder, logger);
  expect(found?.step).toBe(step);
  const wanted = checkpoint(step);
  for (const part of ['model', 'optimizer'] as const) expect({ ...found?.[part] }).toEqual(wanted[part]);
}

test('the newest two are kept, and the newest is read back', async () => {
  expect(await loadNewestCheckpoint(join(folder, 'absent'), logger)).toBeUndefined();
  expect(await loadNewestCheckpoint(folder, logger)).toBeUndefined();
  for (const step of [10, 20, 30, 9, 40]) await saveCheckpoint(folder, checkpoint(step));
  expect(await readdir(folder)).toEqual([name(30), name(40)]);
  await expectNewest(40);
  expect(warnings).toEqual([]);
});

test('steps are compared as numbers, past eight digits too', async () => {
  for (const step of [99_999_999, 100_000_000]) await saveCheckpoint(folder, checkpoint(step));
  await expectNewest(100_000_000);
});

test('saving a step again replaces it, whatever was left half-written', async () => {
  await saveCheckpoint(folder, checkpoint(10));
  await mkdir(join(folder, `${name(20)}.partial`));
  await writeFile(join(folder, `${name(20)}.partial`, 'rubbish'), 'x');
  await saveCheckpoint(folder, checkpoint(20));
  await saveCheckpoint(folder, checkpoint(20));
  expect(await readdir(folder)).toEqual([name(10), name(20)]);
  expect((await readdir(join(folder, name(20)))).sort()).toEqual([
    'model.safetensors',
    'optimizer.safetensors',
    'state.json',
  ]);
  await expectNewest(20);
});

test('half-written folders and strange names are no checkpoints', async () => {
  await saveCheckpoint(folder, checkpoint(10));
  await cp(join(folder, name(10)), join(folder, `${name(20)}.partial`), { recursive: true });
  await cp(join(folder, name(10)), join(folder, 'checkpoint-30'), { recursive: true });
  await expectNewest(10);
  expect(warnings).toEqual([]);
});

test('one bit flipped anywhere is found, and the older checkpoint is gone on from', async () => {
  await saveCheckpoint(folder, checkpoint(10));
  await saveCheckpoint(folder, checkpoint(20));
  const random = createRandom(1, 'flips');
  const files = ['model.safetensors', 'optimizer.safetensors', 'state.json'];
  for (const file of files) {
    const path = join(folder, name(20), file);
    const whole = await readFile(path);
    // No hash covers state.json: every bit of the step, one of each other byte
    const bits =
      file === 'state.json'
        ? [...Array.from(whole, (_, byte) => byte * 8 + random.int(8)), ...Array.from({ length: 160 }, (_, i) => i)]
        : Array.from({ length: 200 }, () => random.int(whole.length * 8));
    for (const bit of bits) {
      const damaged = Uint8Array.from(whole);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(path, damaged);
      warnings = [];
      const found = await loadNewestCheckpoint(folder, logger);
      expect([file, bit, found?.step]).toEqual([file, bit, 10]);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(join(folder, name(20)));
      expect(warnings[0]).toContain(name(10));
    }
    await writeFile(path, whole);
  }
  await expectNewest(20);
});

test('a checkpoint that lacks a file, or was renamed, is passed over; without an older one that is an error', async () => {
  await saveCheckpoint(folder, checkpoint(10));
  await saveCheckpoint(folder, checkpoint(20));
  await rm(join(folder, name(20), 'optimizer.safetensors'));
  await expectNewest(10);
  await cp(join(folder, name(10)), join(folder, name(30)), { recursive: true });
  await expectNewest(10);
  await rm(join(folder, name(10)), { recursive: true });
  await expect(loadNewestCheckpoint(folder, logger)).rejects.toThrow(
    expect.objectContaining({ code: 'CHECKPOINT_CORRUPT', place: { file: folder } }),
  );
});

test('a folder that cannot be read is no empty folder', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(loadNewestCheckpoint(file, logger)).rejects.toThrow('ENOTDIR');
});
