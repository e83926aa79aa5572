import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertWritable, defaultRunFolder } from './run-folder.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcx-run-folder-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a run is named by its protocol, when, and what', () => {
  const now = new Date('2026-11-24T06:01:59Z');
  expect(defaultRunFolder('paper', { seed: 1 }, now)).toMatch(/^runs\/paper-20261124-0601-[0-9a-f]{6}$/);
  expect(defaultRunFolder('paper', { seed: 2 }, now)).not.toBe(defaultRunFolder('paper', { seed: 1 }, now));
});

test('a folder is made with its parents and nothing is left in it', async () => {
  const out = join(folder, 'a/b');
  await assertWritable(out);
  await assertWritable(out);
  expect(await readdir(out)).toEqual([]);
});

test('a file, a folder below a file, and a place where no folder can be made are refused with the reason', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const refused = (out: string, reason: RegExp): Promise<void> =>
    expect(assertWritable(out)).rejects.toMatchObject({
      code: 'CLI_OUT_NOT_WRITABLE',
      message: expect.stringMatching(reason) as string,
    });
  await refused(file, /it is a file/);
  await refused(join(file, 'run'), /ENOTDIR|not a directory/);
  await refused('/proc/none', /ENOENT|no such file/);
});
