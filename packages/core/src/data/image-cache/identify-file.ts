import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultReadLimits } from '@multichexnet/imaging';
import { sha256 } from './cache-record.js';

/** A file as it is now, without its bytes. */
export interface FileIdentity {
  /** SHA-256 of path, size, inode and times (ns): hashed, since a path may name a patient. */
  readonly source: Buffer;
  /** Whether it has been left alone long enough to be known by its times: a later change in the same tick of the clock would not show. */
  readonly settled: boolean;
}

const SETTLED_MS = 2000;

/** @returns undefined for what is no regular file of a size that is read */
export function identifyFile(path: string): FileIdentity | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size > BigInt(defaultReadLimits.fileBytes)) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = stats;
  return {
    source: sha256([resolve(path), dev, ino, size, mtimeNs, ctimeNs].join('\0')),
    settled: Date.now() - Number(ctimeMs) > SETTLED_MS,
  };
}
