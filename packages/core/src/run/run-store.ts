import { appendFile, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MultichexnetError } from '../errors.js';
import { sweepTemporaries, writeFileAtomic, writeJson } from '../store/atomic-write.js';

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

  /** One JSON line; a torn last line is skipped by readers. */
  async log(event: Readonly<Record<string, unknown>>): Promise<void> {
    await appendFile(this.path('log.jsonl'), `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
  }

  /**
   * Takes the folder for this process. A lock whose process is gone is taken over.
   * @throws MultichexnetError RUN_LOCKED naming pid and host
   */
  async lock(): Promise<() => Promise<void>> {
    await mkdir(this.folder, { recursive: true });
    await sweepTemporaries(this.folder);
    const file = this.path('run.lock');
    const own = { pid: process.pid, host: hostname(), started: new Date().toISOString() };
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        const handle = await open(file, 'wx');
        await handle.writeFile(JSON.stringify(own));
        await handle.close();
        return () => rm(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = await readOwner(file);
      if (owner !== undefined && (owner.host !== own.host || isAlive(owner.pid)))
        throw new MultichexnetError(
          'RUN_LOCKED',
          `process ${owner.pid} on ${owner.host} works in this run since ${owner.started}; wait for it, or remove the file if it is gone`,
          { file },
        );
      await rm(file, { force: true });
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

/** Undefined when the lock is torn: its process died while writing it. */
async function readOwner(file: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockOwner;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
