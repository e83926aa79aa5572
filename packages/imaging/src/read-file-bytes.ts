import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import { ImagingError, thrownText } from './errors.js';
import type { ReadLimits } from './limits.js';
import type { Scratch } from './scratch.js';

// Without O_NONBLOCK (absent on Windows), opening a named pipe would wait for a writer for ever.
const readWithoutBlocking = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/**
 * Reads a whole file after checking its size; in a worker at once: it has nothing else to do, and four turns in the thread pool would take longer than the
 * reading.
 * @param memory where the bytes of a file that is read at once go; by default their own
 * @throws ImagingError FILE_UNREADABLE, FILE_LIMIT
 */
export function readFileBytes(path: string, limits: ReadLimits, memory?: Scratch): Uint8Array | Promise<Uint8Array> {
  if (!isMainThread) return readAtOnce(path, limits, memory);
  return withFile(path, limits, (file, size) => readFully(file, 0, size));
}

function readAtOnce(path: string, limits: ReadLimits, memory: Scratch | undefined): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, readWithoutBlocking);
    const size = checkedSize(fstatSync(file), limits);
    const bytes = memory === undefined ? new Uint8Array(size) : memory.take(size);
    let done = 0;
    while (done < bytes.length) {
      const read = readSync(file, bytes, done, bytes.length - done, done);
      if (read === 0) break;
      done += read;
    }
    return bytes.subarray(0, done);
  } catch (thrown) {
    throw unreadable(path, thrown);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** @throws ImagingError FILE_UNREADABLE, FILE_LIMIT */
function checkedSize(stats: Stats, limits: ReadLimits): number {
  if (!stats.isFile()) throw new ImagingError('FILE_UNREADABLE', 'not a regular file');
  if (stats.size > limits.fileBytes)
    throw new ImagingError('FILE_LIMIT', `${stats.size} bytes, over the limit of ${limits.fileBytes}`);
  return stats.size;
}

function unreadable(path: string, thrown: unknown): ImagingError {
  if (thrown instanceof ImagingError) return thrown.at(path);
  return new ImagingError('FILE_UNREADABLE', `cannot be read (${thrownText(thrown)})`, { path, cause: thrown });
}

/** Runs `use` with an open regular file of permitted size, and closes it. */
export async function withFile<T>(
  path: string,
  limits: ReadLimits,
  use: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, readWithoutBlocking);
    return await use(file, checkedSize(await file.stat(), limits));
  } catch (thrown) {
    throw unreadable(path, thrown);
  } finally {
    await file?.close();
  }
}

/** `length` bytes from `position`; fewer if the file has become shorter meanwhile. */
export async function readFully(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done === length ? bytes : bytes.subarray(0, done);
}
