import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import type * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renameFolder, sweepTemporaries, writeFileAtomic, writeJson } from './atomic-write.js';

/** What the next file operations do: the N-th one fails, writes put out at most `shortWrite` bytes. */
const faults = vi.hoisted(() => ({ failAt: Infinity, code: 'EIO', calls: [] as string[], shortWrite: Infinity }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fs>();
  const counted =
    <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      faults.calls.push(name);
      if (faults.calls.length === faults.failAt)
        throw Object.assign(new Error(`${faults.code}: ${name}`), { code: faults.code });
      return call(...args);
    };
  const watched = (handle: fs.FileHandle): Partial<fs.FileHandle> => ({
    sync: counted('sync', () => handle.sync()),
    close: async () => {
      await handle.close(); // the descriptor goes in any case, as close(2) does
      await counted('close', () => Promise.resolve())();
    },
    write: counted('write', (bytes: Uint8Array, at: number, length: number) =>
      handle.write(bytes, at, Math.min(length, faults.shortWrite)),
    ) as never,
  });
  return {
    ...real,
    mkdir: counted('mkdir', real.mkdir as never),
    rename: counted('rename', real.rename),
    open: counted('open', async (path: string, flags: string) => watched(await real.open(path, flags))),
  };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atomic-write-'));
});
afterEach(async () => {
  Object.assign(faults, { failAt: Infinity, code: 'EIO', calls: [], shortWrite: Infinity });
  await rm(folder, { recursive: true });
});

test('when the N-th file operation fails, for every N: old bytes or new ones, no temporary file left', async () => {
  const file = join(folder, 'sub', 'state.json');
  const [old, fresh] = ['old '.repeat(50), 'new '.repeat(100)];
  let failures = 0;
  for (let n = 1; ; n++) {
    Object.assign(faults, { failAt: Infinity, calls: [] });
    await writeFileAtomic(file, old);
    Object.assign(faults, { failAt: n, calls: [], shortWrite: 150 });
    const done = await writeFileAtomic(file, fresh).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        expect(error.code).toBe('EIO');
        return false;
      },
    );
    const { calls } = faults;
    faults.failAt = Infinity;
    expect(await readdir(join(folder, 'sub'))).toEqual(['state.json']);
    const now = await readFile(file, 'utf8');
    expect(now).toBe(
      done || (calls.includes('rename') === true && calls.indexOf('rename') < calls.length - 1) ? fresh : old,
    );
    if (done) {
      expect(calls).toEqual([
        'mkdir',
        'open',
        'write',
        'write',
        'write',
        'sync',
        'close',
        'rename',
        'open',
        'sync',
        'close',
      ]);
      break;
    }
    failures++;
  }
  expect(failures).toBe(11);
});

test('short writes are gone on with until all bytes are out', async () => {
  faults.shortWrite = 7;
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  await writeFileAtomic(join(folder, 'weights'), bytes);
  expect(new Uint8Array(await readFile(join(folder, 'weights')))).toEqual(bytes);
  expect(faults.calls.filter((call) => call === 'write')).toHaveLength(Math.ceil(1000 / 7));
});

test('a disk that takes nothing is an error, not an endless loop', async () => {
  await writeFileAtomic(join(folder, 'weights'), 'old');
  faults.shortWrite = 0;
  await expect(writeFileAtomic(join(folder, 'weights'), 'new')).rejects.toThrow('nothing was written after 0 of 3');
  expect(await readdir(folder)).toEqual(['weights']);
  expect(await readFile(join(folder, 'weights'), 'utf8')).toBe('old');
});

test.each(['ENOSPC', 'EDQUOT'])(
  'a full disk (%s) is named, with the file and how to go on, and the old bytes stay',
  async (code) => {
    const file = join(folder, 'weights');
    await writeFileAtomic(file, 'old');
    Object.assign(faults, { failAt: 3, code, calls: [] });
    await expect(writeFileAtomic(file, 'new')).rejects.toMatchObject({
      code: 'DISK_FULL',
      place: { file },
      message: expect.stringContaining('--resume') as string,
    });
    expect(await readdir(folder)).toEqual(['weights']);
    expect(await readFile(file, 'utf8')).toBe('old');
  },
);

test('writes JSON that people can read, and empty files', async () => {
  await writeJson(join(folder, 'a.json'), { a: [1] });
  expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe('{\n  "a": [\n    1\n  ]\n}\n');
  await writeFileAtomic(join(folder, 'empty'), '');
  expect((await stat(join(folder, 'empty'))).size).toBe(0);
});

test('a folder moves in one step and its parent is synced', async () => {
  await mkdir(join(folder, 'a'));
  await writeFile(join(folder, 'a', 'x'), '1');
  faults.calls = [];
  await renameFolder(join(folder, 'a'), join(folder, 'b'));
  expect(faults.calls).toEqual(['rename', 'open', 'sync', 'close']);
  expect(await readdir(folder, { recursive: true })).toEqual(['b', 'b/x']);
});

test('sweeps only its own temporary files, and only stale ones, in every folder', async () => {
  await mkdir(join(folder, 'phases', 'det'), { recursive: true });
  const names = ['.mcx-0123456789ab.tmp', 'phases/.mcx-ffffffffffff.tmp', 'phases/det/.mcx-000000000000.tmp'];
  const others = ['.mcx-0123456789ab.tmp.json', 'phases/notes.tmp', 'phases/.mcx-XYZ.tmp'];
  for (const name of [...names, ...others]) await writeFile(join(folder, name), '');
  await sweepTemporaries(folder);
  for (const name of names) await stat(join(folder, name));
  const before = new Date(Date.now() - 2 * 60 * 60 * 1000);
  for (const name of [...names.slice(1), ...others]) await utimes(join(folder, name), before, before);
  await sweepTemporaries(folder);
  const left = (await readdir(folder, { recursive: true })).filter((name) => name.includes('tmp')).sort();
  expect(left).toEqual([names[0], ...others].sort());
});
