import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeTo } from './disk-full.js';

const TEMPORARY = /^\.mcx-[0-9a-f]{12}\.tmp$/;
/** Younger temporary files may belong to a process that is still writing. */
const STALE_MS = 60 * 60 * 1000;

/**
 * Writes a file so that a reader sees the old bytes or all of the new ones: temporary file in the same folder, write loop, fsync, rename, fsync of the
 * folder. A full disk leaves the old file as it was.
 * @param data a list is written piece by piece
 * @throws MultichexnetError DISK_FULL
 */
export function writeFileAtomic(path: string, data: string | Uint8Array | readonly Uint8Array[]): Promise<void> {
  return writeTo(path, () => replaceFile(path, data));
}

async function replaceFile(path: string, data: string | Uint8Array | readonly Uint8Array[]): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.mcx-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const handle = await open(temporary, 'wx');
    try {
      for (const piece of typeof data === 'string' ? [Buffer.from(data)] : data instanceof Uint8Array ? [data] : data)
        await writeWhole(handle, piece, temporary);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // what went wrong first is what the caller must know
    throw error;
  }
  await syncFolder(folder);
}

/** One write may be short (a nearly full disk): goes on until all bytes are out or it throws. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array, file: string): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
    if (bytesWritten === 0) throw new Error(`${file}: nothing was written after ${at} of ${bytes.length} bytes`);
    at += bytesWritten;
  }
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Moves a finished folder into place in one step. */
export async function renameFolder(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Removes temporary files that a killed process left behind. */
export async function sweepTemporaries(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!TEMPORARY.test(basename(entry.name))) continue;
    const path = join(entry.parentPath, entry.name);
    const age = Date.now() - (await stat(path)).mtimeMs;
    if (age > STALE_MS) await rm(path, { force: true, recursive: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
