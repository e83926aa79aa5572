import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { ImagingError, thrownText } from './errors.js';
import type { ReadLimits } from './limits.js';

// Without O_NONBLOCK (absent on Windows), opening a named pipe would wait for a writer for ever.
const readWithoutBlocking = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/**
 * Reads a whole file after checking its size.
 * @throws ImagingError FILE_UNREADABLE, FILE_LIMIT
 */
export async function readFileBytes(path: string, limits: ReadLimits): Promise<Uint8Array> {
  return withFile(path, limits, (file, size) => readFully(file, 0, size));
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
    const stat = await file.stat();
    if (!stat.isFile()) throw new ImagingError('FILE_UNREADABLE', 'not a regular file');
    if (stat.size > limits.fileBytes) {
      throw new ImagingError('FILE_LIMIT', `${stat.size} bytes, over the limit of ${limits.fileBytes}`);
    }
    return await use(file, stat.size);
  } catch (thrown) {
    if (thrown instanceof ImagingError) throw thrown.at(path);
    throw new ImagingError('FILE_UNREADABLE', `cannot be read (${thrownText(thrown)})`, { path, cause: thrown });
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
