import { readFileSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isMultichexnetError, MultichexnetError } from '../errors.js';
import { sweepTemporaries, writeFileAtomic, writeJson } from '../store/atomic-write.js';
import { writeTo } from '../store/disk-full.js';

/** One execution on disk. Every file appears whole or not at all. */
export class RunStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  phaseFolder(phase: string): string {
    return this.path('phases', phase);
  }

  async readJson<T>(...parts: string[]): Promise<T | undefined> {
    const file = this.path(...parts);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new MultichexnetError('RUN_CORRUPT', `not JSON: ${String(error)}`, { file });
    }
  }

  writeJson(value: unknown, ...parts: string[]): Promise<void> {
    return writeJson(this.path(...parts), value);
  }

  writeText(text: string, ...parts: string[]): Promise<void> {
    return writeFileAtomic(this.path(...parts), text);
  }

  /** Removes a file or a folder with all that is in it. */
  remove(...parts: readonly [string, ...string[]]): Promise<void> {
    return rm(this.path(...parts), { recursive: true, force: true });
  }

  /** One JSON line; a torn last line is skipped by readers. */
  async log(event: Readonly<Record<string, unknown>>): Promise<void> {
    const file = this.path('log.jsonl');
    const line = `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`;
    await writeTo(file, () => appendFile(file, line));
  }

  /**
   * Takes the folder for this process, which shows that it lives by touching its lock. A lock whose process is gone is taken over.
   * @param waitMs how long to wait for a lock that may yet prove to be of a dead process
   * @throws MultichexnetError RUN_LOCKED naming pid and host
   */
  async lock(waitMs = 0): Promise<() => Promise<void>> {
    const end = performance.now() + waitMs;
    for (;;) {
      try {
        return await this.tryLock();
      } catch (error) {
        if (performance.now() >= end || !isMultichexnetError(error) || error.code !== 'RUN_LOCKED') throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }

  private async tryLock(): Promise<() => Promise<void>> {
    await mkdir(this.folder, { recursive: true });
    await sweepTemporaries(this.folder);
    const file = this.path('run.lock');
    if (await createLock(file)) return keepAlive(file);
    await assertStale(file);
    // Only one process at a time may judge and replace a stale lock; else two could each remove the other's new one.
    const claim = `${file}.takeover`;
    if (!(await createLock(claim)))
      throw new MultichexnetError('RUN_LOCKED', 'another process is taking over the lock of a dead one', {
        file: claim,
      });
    try {
      await assertStale(file);
      await rm(file, { force: true });
      if (await createLock(file)) return keepAlive(file);
    } finally {
      await rm(claim, { force: true });
    }
    throw new MultichexnetError('RUN_LOCKED', 'another process took the run at the same moment', { file });
  }

  async exists(...parts: string[]): Promise<boolean> {
    return stat(this.path(...parts)).then(
      () => true,
      () => false,
    );
  }
}

interface LockOwner {
  readonly pid: number;
  readonly host: string;
  readonly started: string;
}

/** Between two touches of a lock. */
const TOUCH_MS = 10_000;
/** A lock of another host that nobody has touched for so long is a dead process's; clocks of hosts may differ a little. */
const DEAD_MS = 90_000;

/** @returns what gives the lock back */
function keepAlive(file: string): () => Promise<void> {
  const touch = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined); // gone with its folder
  }, TOUCH_MS);
  touch.unref();
  return () => {
    clearInterval(touch);
    return rm(file, { force: true });
  };
}

/** A lock without an owner in it for so long belongs to a process that died while writing it. */
const TORN_MS = 5000;

/** False when the file is there already. */
async function createLock(file: string): Promise<boolean> {
  const own: LockOwner = { pid: process.pid, host: hostname(), started: new Date().toISOString() };
  try {
    await writeTo(file, () => writeFile(file, JSON.stringify(own), { flag: 'wx' }));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** @throws MultichexnetError RUN_LOCKED unless the lock is gone or its process is */
async function assertStale(file: string): Promise<void> {
  let text: string;
  let age: number;
  try {
    text = await readFile(file, 'utf8');
    age = Date.now() - (await stat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const owner = parseOwner(text);
  if (owner === undefined) {
    if (age > TORN_MS) return;
    throw new MultichexnetError('RUN_LOCKED', 'another process is taking this run at this moment', { file });
  }
  if (owner.host !== hostname() ? age < DEAD_MS : isAlive(owner))
    throw new MultichexnetError(
      'RUN_LOCKED',
      `process ${owner.pid} on ${owner.host} works in this run since ${owner.started}; wait for it, or remove the file if it is gone`,
      { file },
    );
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const { pid, host, started } = JSON.parse(text) as Partial<LockOwner>;
    return Number.isInteger(pid) && typeof host === 'string' && typeof started === 'string'
      ? { pid: pid as number, host, started }
      : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }: LockOwner): boolean {
  // A container gives the same small numbers again: a lock under this process's own number from before its start is an earlier process's.
  if (pid === process.pid) return Date.parse(started) >= performance.timeOrigin;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Ended, and not waited for by its parent, as under a container's first process that is no init. proc(5): the state stands behind the name in brackets. */
function isZombie(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^ [ZX]/.test(text.slice(text.lastIndexOf(')') + 1));
  } catch {
    return false;
  }
}
