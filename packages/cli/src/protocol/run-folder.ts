import { hashValue } from '@multichexnet/core';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CliError } from '../errors.js';

/** `runs/paper-20261124-0601-3fa9c2`: a name, when, and what. */
export function defaultRunFolder(name: string, protocol: unknown, now = new Date()): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 13);
  return join('runs', `${name}-${time}-${hashValue(protocol).slice(0, 6)}`);
}

/** Finds out before training that a run could not be written. @throws CliError CLI_OUT_NOT_WRITABLE */
export async function assertWritable(out: string): Promise<void> {
  const probe = join(out, `.mcx-probe-${process.pid}`);
  try {
    await makeFolder(out);
    await writeFile(probe, Buffer.alloc(2 ** 20));
  } catch (error) {
    const found = await stat(out).catch(() => undefined);
    const reason = found !== undefined && !found.isDirectory() ? 'it is a file' : (error as Error).message;
    throw new CliError('CLI_OUT_NOT_WRITABLE', `nothing can be written to ${out}: ${reason}; choose another --out`);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** As `mkdir -p`. Node's own recursive one never ends where the system answers ENOENT although the parent is there (below /proc). */
async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    // Another process may have been faster; a file of that name fails when it is written into.
    if (error.code !== 'EEXIST') throw error;
  });
}
