import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunStore } from './run-store.js';

let folder: string;
let store: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-store-'));
  store = new RunStore(join(folder, 'runs', 'one'));
});
afterEach(() => rm(folder, { recursive: true }));

const locked = expect.objectContaining({ code: 'RUN_LOCKED' }) as unknown;
const owner = (pid: number, host = hostname(), started = new Date()): string =>
  JSON.stringify({ pid, host, started: started.toISOString() });

test('a lock makes the folder, holds until it is given back, and names its owner', async () => {
  const unlock = await store.lock();
  const file = store.path('run.lock');
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  await expect(store.lock()).rejects.toThrow(locked);
  await expect(store.lock()).rejects.toThrow(`process ${process.pid} on ${hostname()}`);
  await unlock();
  await unlock();
  await (
    await store.lock()
  )();
  expect(await readdir(store.folder)).toEqual([]);
});

test('a lock of a living process holds, of a dead one is taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await (
    await store.lock()
  )();
  await writeFile(store.path('run.lock'), owner(child.pid!));
  await expect(store.lock()).rejects.toThrow(locked);
  expect(await readFile(store.path('run.lock'), 'utf8')).toContain(String(child.pid));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([child.exitCode, child.signalCode]).toEqual([null, null]); // asking does it no harm
  child.kill('SIGKILL');
  await ended;
  const unlock = await store.lock();
  expect(JSON.parse(await readFile(store.path('run.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  expect(await readdir(store.folder)).toEqual(['run.lock']);
  await unlock();
});

test('a process that ended and was never waited for is gone, as in a container without an init', async (context) => {
  if (process.platform !== 'linux') return context.skip();
  // The shell becomes a program that waits for no child.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const pid = Number(await new Promise((resolve) => parent.stdout.once('data', (text) => resolve(String(text)))));
    await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /);
    process.kill(pid, 0); // the number is still taken
    await (
      await store.lock()
    )();
    await writeFile(store.path('run.lock'), owner(pid));
    await (
      await store.lock()
    )();
  } finally {
    parent.kill('SIGKILL');
  }
});

test('a lock of another host holds as long as it is touched; one that can be waited for is', async () => {
  await (
    await store.lock()
  )();
  await writeFile(store.path('run.lock'), owner(1, 'elsewhere'));
  await expect(store.lock()).rejects.toThrow('process 1 on elsewhere');
  const waited = store.lock(20_000);
  const before = new Date(Date.now() - 100_000);
  await utimes(store.path('run.lock'), before, before);
  await (
    await waited
  )();
});

test('an earlier process with the same number, as in a restarted container, is gone', async () => {
  await (
    await store.lock()
  )();
  await writeFile(store.path('run.lock'), owner(process.pid, hostname(), new Date(performance.timeOrigin - 1)));
  await (
    await store.lock()
  )();
});

test.each(['', '{"pid": 12', '[]', 'null', '{"pid":"x","host":"a","started":"b"}'])(
  'a torn lock (%j) may be in the making; an old one is taken over',
  async (text) => {
    await (
      await store.lock()
    )();
    await writeFile(store.path('run.lock'), text);
    await expect(store.lock()).rejects.toThrow(locked);
    const before = new Date(Date.now() - 60_000);
    await utimes(store.path('run.lock'), before, before);
    await (
      await store.lock()
    )();
  },
);

test('of many that find a stale lock at the same moment one gets the run', async () => {
  await (
    await store.lock()
  )();
  for (let round = 0; round < 20; round++) {
    await writeFile(store.path('run.lock'), owner(2 ** 22 + 1)); // beyond the largest process number
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => store.lock()));
    const winners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(winners).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toEqual(locked);
    expect(await readdir(store.folder)).toEqual(['run.lock']);
    await winners[0]!();
  }
});

test('files are read back; an absent one is undefined and a broken one an error with its name', async () => {
  await store.writeJson({ a: 1 }, 'phases', 'det', 'phase.json');
  expect(await store.readJson('phases', 'det', 'phase.json')).toEqual({ a: 1 });
  expect(await store.readJson('phases', 'seg', 'phase.json')).toBeUndefined();
  expect([await store.exists('phases', 'det'), await store.exists('phases', 'seg')]).toEqual([true, false]);
  await store.writeText('{"a": ', 'phases', 'det', 'phase.json');
  await expect(store.readJson('phases', 'det', 'phase.json')).rejects.toThrow(
    expect.objectContaining({ code: 'RUN_CORRUPT', place: { file: join(store.phaseFolder('det'), 'phase.json') } }),
  );
  await expect(store.readJson('phases')).rejects.toThrow('EISDIR');
});

test('a folder is removed with all that is in it, and one that is not there is no error', async () => {
  await store.writeText('x', 'phases', 'det', 'a', 'b.txt');
  await store.writeText('y', 'phases', 'seg', 'c.txt');
  await store.remove('phases', 'det');
  await store.remove('phases', 'none');
  expect(await readdir(store.path('phases'))).toEqual(['seg']);
});

test('the log grows by one JSON line an event', async () => {
  await store.writeText('', 'log.jsonl');
  await store.log({ event: 'phase', phase: 'det' });
  await store.log({ event: 'phase done' });
  const lines = (await readFile(store.path('log.jsonl'), 'utf8')).trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { event: string; time: string });
  expect(events.map(({ event }) => event)).toEqual(['phase', 'phase done']);
  expect(events.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);
});
