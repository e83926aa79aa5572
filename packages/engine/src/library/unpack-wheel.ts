import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { EngineError } from '../errors.js';
import type { PinnedWheel } from './pinned-wheel.js';

/**
 * Unpacks the wheel's pinned members into `directory`, as streams (one of them is 790 MB).
 *
 * @param onBytes called with the number of bytes just written
 * @throws {EngineError} `ENGINE_CHECKSUM` when a member is absent or has another size
 */
export async function unpackWheel(
  path: string,
  directory: string,
  wheel: PinnedWheel,
  onBytes: (count: number) => void,
): Promise<void> {
  const zip = await openPromise(path);
  const missing = new Set(Object.keys(wheel.members));
  try {
    for await (const entry of zip.eachEntry()) {
      const member = wheel.members[entry.fileName];
      if (member === undefined) continue;
      if (entry.uncompressedSize !== member.bytes) {
        throw new EngineError(
          'ENGINE_CHECKSUM',
          `${entry.fileName} in ${path} has ${entry.uncompressedSize} bytes, not ${member.bytes}.`,
        );
      }
      const target = join(directory, member.name);
      await mkdir(dirname(target), { recursive: true });
      await writeEntry(zip, entry, target, onBytes);
      missing.delete(entry.fileName);
    }
  } finally {
    zip.close();
  }
  if (missing.size > 0) throw new EngineError('ENGINE_CHECKSUM', `${path} lacks ${[...missing].join(', ')}.`);
}

async function writeEntry(zip: ZipFile, entry: Entry, target: string, onBytes: (count: number) => void): Promise<void> {
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  await pipeline(await zip.openReadStreamPromise(entry), count, createWriteStream(target, { flush: true }));
}
