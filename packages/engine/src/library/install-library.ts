import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError, reasonOf } from '../errors.js';
import { assertPlatform, cacheFolder, isInstalled, type LibraryLocation } from './find-library.js';
import { findPython, pipDownload } from './pip-download.js';
import { CPU_WHEEL, type PinnedWheel } from './pinned-wheel.js';
import { unpackWheel } from './unpack-wheel.js';

export interface InstallProgress {
  readonly stage: 'download' | 'verify' | 'unpack';
  /** Bytes done and to do in this stage. */
  readonly done: number;
  readonly total: number;
}

export interface InstallOptions {
  readonly onProgress?: (progress: InstallProgress) => void;
  /** The environment for the cache folder and for pip; `process.env` by default. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Fetches TensorFlow's C library into this project's cache: `pip download` of the pinned CPU wheel (no dependencies), its sha256 checked, two
 * libraries and their licences unpacked. Nothing is done when it is there. Everything happens in a temporary folder that is renamed at the end, so
 * an interruption leaves no half library and two processes may install at once.
 *
 * @throws {EngineError} `ENGINE_PLATFORM_UNSUPPORTED`, `ENGINE_PYTHON_MISSING`, `ENGINE_DOWNLOAD_FAILED`, `ENGINE_CHECKSUM`
 */
export function installLibrary(options: InstallOptions = {}): Promise<LibraryLocation> {
  return installWheel(CPU_WHEEL, options);
}

/** As `installLibrary`, for any pinned wheel. */
export async function installWheel(wheel: PinnedWheel, options: InstallOptions = {}): Promise<LibraryLocation> {
  assertPlatform();
  const env = options.env ?? process.env;
  const directory = cacheFolder(env, wheel);
  const location: LibraryLocation = { directory, source: 'cache' };
  if (isInstalled(directory, wheel)) return location;
  const python = await findPython(env);
  try {
    await install(wheel, python, directory, env, options.onProgress ?? (() => undefined));
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(
      'ENGINE_DOWNLOAD_FAILED',
      `TensorFlow's library could not be put into ${directory}: ${reasonOf(error)}`,
      { cause: error },
    );
  }
  return location;
}

async function install(
  wheel: PinnedWheel,
  python: string,
  directory: string,
  env: NodeJS.ProcessEnv,
  report: (progress: InstallProgress) => void,
): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  const work = await mkdtemp(`${directory}.installing-`);
  try {
    const path = await pipDownload(python, wheel, work, env, (done) =>
      report({ stage: 'download', done: Math.min(done, wheel.bytes), total: wheel.bytes }),
    );
    report({ stage: 'download', done: wheel.bytes, total: wheel.bytes });
    await verifyWheel(path, wheel, (done) => report({ stage: 'verify', done, total: wheel.bytes }));
    const ready = join(work, 'ready');
    await mkdir(ready);
    await unpackWheel(path, ready, wheel, progressOf(wheel, report));
    await unlink(path);
    await putInPlace(ready, directory, wheel);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @throws {EngineError} `ENGINE_CHECKSUM` when the file's sha256 is not the pinned one. */
export async function verifyWheel(
  path: string,
  wheel: Pick<PinnedWheel, 'sha256'>,
  onBytes: (done: number) => void = () => undefined,
): Promise<void> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    onBytes((done += chunk.length));
  }
  const digest = hash.digest('hex');
  if (digest !== wheel.sha256) {
    throw new EngineError(
      'ENGINE_CHECKSUM',
      `${path} has sha256 ${digest}, not the pinned ${wheel.sha256}: the download is broken or not the published file. Run setup again; ` +
        'if it repeats, look at the package index that pip is configured to use.',
    );
  }
}

function progressOf(wheel: PinnedWheel, report: (progress: InstallProgress) => void): (count: number) => void {
  const total = Object.values(wheel.members).reduce((sum, member) => sum + member.bytes, 0);
  let done = 0;
  return (count) => report({ stage: 'unpack', done: (done += count), total });
}

async function putInPlace(ready: string, directory: string, wheel: PinnedWheel): Promise<void> {
  if (!isInstalled(directory, wheel)) {
    // What is there and not whole is what an unfinished copy or a hand left; another process may also have been faster.
    const broken = `${ready}.old`;
    await rename(directory, broken).catch(() => undefined);
    await rename(ready, directory).catch((error: unknown) => {
      if (!isInstalled(directory, wheel)) throw error;
    });
  }
}
