import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, 'node_modules/.cache/multichexnet');
const stamp = join(cache, 'built');
const lockFile = join(cache, 'build.lock');
const entry = join(root, 'packages/cli/dist/main.js');
const LOCK_POLL_MS = 100;

/**
 * Builds the command and what it needs when a source is newer than the last build: `tsc -b`, 1 to 5 s, said in one line on stderr. Of several
 * processes one builds and the others wait.
 */
export async function ensureBuilt() {
  if (isFresh()) return;
  const unlock = await lock();
  try {
    if (!isFresh()) await build();
  } finally {
    unlock();
  }
}

function isFresh() {
  const built = mtime(stamp);
  return built !== undefined && existsSync(entry) && newestSource() <= built;
}

function newestSource() {
  const parents = [join(root, 'packages'), join(root, 'packages/datasets')];
  let newest = mtime(join(root, 'tsconfig.base.json')) ?? 0;
  for (const parent of parents)
    for (const name of readdirSync(parent)) {
      const folder = join(parent, name);
      if (!existsSync(join(folder, 'package.json'))) continue;
      const files = readdirSync(join(folder, 'src'), { recursive: true }).map((file) => join(folder, 'src', file));
      for (const file of [...files, join(folder, 'tsconfig.lib.json'), join(folder, 'package.json')])
        if (!file.endsWith('.test.ts')) newest = Math.max(newest, mtime(file) ?? 0);
    }
  return newest;
}

async function build() {
  const started = Date.now();
  process.stderr.write('multichexnet: building from source ... ');
  const { code, output } = await compile();
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (!existsSync(entry)) {
    process.stderr.write(`failed\n${output}`);
    process.exit(1);
  }
  // tsc writes JavaScript in spite of type errors; someone in the middle of a change may go on.
  process.stderr.write(
    code === 0 ? `${seconds} s\n` : `${seconds} s, with type errors (npm run typecheck shows them)\n`,
  );
  // A source that was written while tsc ran is newer than the build.
  writeFileSync(stamp, '');
  utimesSync(stamp, started / 1000, started / 1000);
}

function compile() {
  const tsc = join(root, 'node_modules/.bin/tsc');
  return new Promise((resolve) => {
    const child = spawn(tsc, ['-b', join(root, 'packages/cli/tsconfig.lib.json')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: `${error.message}\n` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Exclusive between processes; the lock of a process that is gone is taken over. */
async function lock() {
  mkdirSync(cache, { recursive: true });
  for (;;) {
    try {
      const handle = openSync(lockFile, 'wx');
      writeFileSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(lockFile, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!ownerLives()) rmSync(lockFile, { force: true });
    await sleep(LOCK_POLL_MS);
  }
}

function ownerLives() {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8'));
    // Between its creation and its first byte a lock is empty: alive as long as it is young.
    if (pid === 0) return Date.now() - statSync(lockFile).mtimeMs < 1000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function mtime(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
