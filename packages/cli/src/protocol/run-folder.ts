import { hashValue } from '@multichexnet/core';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    await mkdir(out, { recursive: true });
    await writeFile(probe, Buffer.alloc(2 ** 20));
  } catch (error) {
    const found = await stat(out).catch(() => undefined);
    const reason = found !== undefined && !found.isDirectory() ? 'it is a file' : (error as Error).message;
    throw new CliError('CLI_OUT_NOT_WRITABLE', `a run cannot be written to ${out}: ${reason}; choose another --out`);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}
