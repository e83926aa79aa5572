import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '@multichexnet/core';
import { startWorkers } from './start-workers.js';

const [, command = ''] = process.argv;
let folder: string;
let out: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcx-workers-'));
});
afterEach(() => {
  process.argv[1] = command;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts two processes of a command that is `script`, in which `rank` is known. */
async function start(name: string, script: string, signal = new AbortController().signal) {
  out = join(folder, name);
  process.argv[1] = join(folder, `${name}.cjs`);
  await writeFile(process.argv[1], `const rank = Number(process.argv[process.argv.indexOf('--rank') + 1]);\n${script}`);
  return startWorkers({ count: 2, argv: [], out, threads: 2, logger: silentLogger, signal });
}

const READY = `require('fs').writeFileSync(__filename + '.' + rank, String(process.pid)); process.on('disconnect', () => process.exit()); setInterval(() => {}, 1000);`;

/** When both processes of `start(name, READY...)` are there. */
async function whenReady(name: string): Promise<void> {
  const ready = async () => (await readdir(folder)).filter((file) => file.startsWith(`${name}.cjs.`)).length;
  while ((await ready()) < 2) await new Promise((wait) => setTimeout(wait, 20));
}

test('what rank 0 prints and how it ends is the result', async () => {
  const result = await start('done', `if (rank === 0) console.log('{"run": 1}'); else console.log('its part');`);
  expect(result).toMatchObject({ document: { run: 1 }, exitCode: 0 });
  expect(await readFile(join(out, 'logs/rank-1.log'), 'utf8')).toBe('its part\n');
});

test.each([
  ['SIGINT', 'INTERRUPTED'],
  ['SIGTERM', 'RUN_PREEMPTED'],
])('%s before the processes are started starts none', async (reason, code) => {
  await expect(start('none', READY, AbortSignal.abort(reason))).rejects.toMatchObject({ code });
  expect((await readdir(folder)).filter((file) => file.startsWith('none.cjs.') || file === 'none')).toEqual([]);
});

test.each([
  ['SIGINT', 'INTERRUPTED'],
  ['SIGTERM', 'RUN_PREEMPTED'],
])('%s ends processes that do not listen yet', async (reason, code) => {
  const controller = new AbortController();
  const ended = expect(start(reason, READY, controller.signal)).rejects.toMatchObject({ code });
  await whenReady(reason);
  controller.abort(reason);
  await ended;
});

test('a signal while the processes are being started reaches them', async () => {
  const controller = new AbortController();
  const ended = expect(start('between', READY, controller.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await new Promise((next) => setImmediate(next));
  controller.abort('SIGINT');
  await ended;
});

test('when rank 0 is killed the error says by what, who noticed, and how to go on', async () => {
  const script = `if (rank === 0) process.kill(process.pid, 'SIGKILL'); else process.exit(200);`;
  await expect(start('killed', script)).rejects.toMatchObject({
    code: 'PEER_LOST',
    message: expect.stringMatching(
      /^rank 0 was ended by SIGKILL; rank 1 reported PEER_LOST \(logs\/rank-1\.log\); it had not begun/,
    ) as string,
  });
  const begun = `require('fs').writeFileSync(${JSON.stringify(join(folder, 'begun/config.json'))}, '{}'); ${script}`;
  await expect(start('begun', begun)).rejects.toThrow('with --resume goes on from its last checkpoint');
});

test('a rank 0 that ends without a word is said to', async () => {
  expect(await start('silent', 'process.exit(rank === 0 ? 3 : 0)')).toMatchObject({
    document: { error: { code: 'PEER_LOST', message: expect.stringContaining('ended with exit code 3') as string } },
    exitCode: 3,
  });
});
