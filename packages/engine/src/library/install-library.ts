import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError, reasonOf } from '../errors.js';
import {
  assertPlatform,
  cacheFolder,
  isInstalled,
  libraryFor,
  type Device,
  type LibraryLocation,
} from './find-library.js';
import { findPython, pipDownload } from './pip-download.js';
import type { PinnedLibrary, PinnedWheel } from './pinned-wheel.js';
import { unpackWheel } from './unpack-wheel.js';

export interface InstallProgress {
  readonly stage: 'download' | 'verify' | 'unpack';
  /** The wheel, and its place among those that are fetched. */
  readonly wheel: { readonly requirement: string; readonly index: number; readonly count: number };
  /** Bytes done and to do in this stage of this wheel. */
  readonly done: number;
  readonly total: number;
}

export interface InstallOptions {
  /** Which build: for the CPU (default), or for CUDA with NVIDIA's libraries (3.4 GB to fetch, 5.7 GB on disk). */
  readonly device?: Device;
  readonly onProgress?: (progress: InstallProgress) => void;
  /** The environment for the cache folder and for pip; `process.env` by default. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Fetches TensorFlow's C library into this project's cache: `pip download` of the pinned wheels (no dependencies), each one's sha256 checked, the
 * libraries and their licences unpacked. Nothing is done when it is there. Everything happens in a temporary folder that is renamed at the end, so
 * an interruption leaves no half library and two processes may install at once.
 *
 * @throws {EngineError} `ENGINE_PLATFORM_UNSUPPORTED`, `ENGINE_PYTHON_MISSING`, `ENGINE_DOWNLOAD_FAILED`, `ENGINE_CHECKSUM`
 */
export function installLibrary(options: InstallOptions = {}): Promise<LibraryLocation> {
  return installPinned(libraryFor(options.device), options);
}

/** As `installLibrary`, for any pinned library. */
export async function installPinned(library: PinnedLibrary, options: InstallOptions = {}): Promise<LibraryLocation> {
  assertPlatform();
  const env = options.env ?? process.env;
  const folder = cacheFolder(env, library);
  const location: LibraryLocation = { directory: join(folder, library.libraries), source: 'cache' };
  if (isInstalled(folder, library)) return location;
  const python = await findPython(env);
  try {
    await install(library, python, folder, env, options.onProgress ?? (() => undefined));
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(
      'ENGINE_DOWNLOAD_FAILED',
      `TensorFlow's library could not be put into ${folder}: ${reasonOf(error)}`,
      { cause: error },
    );
  }
  return location;
}

async function install(
  library: PinnedLibrary,
  python: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  onProgress: (progress: InstallProgress) => void,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(`${folder}.installing-`);
  try {
    const ready = join(work, 'ready');
    await mkdir(ready);
    const count = library.wheels.length;
    for (const [index, wheel] of library.wheels.entries()) {
      const place = { requirement: wheel.requirement, index, count };
      // pip's own temporary files are counted as progress: each wheel has a folder of its own.
      const downloads = await mkdtemp(join(work, 'wheel-'));
      await installWheel(wheel, python, downloads, ready, env, (progress) => onProgress({ ...progress, wheel: place }));
      await rm(downloads, { recursive: true });
    }
    await putInPlace(ready, folder, library);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function installWheel(
  wheel: PinnedWheel,
  python: string,
  downloads: string,
  ready: string,
  env: NodeJS.ProcessEnv,
  report: (progress: Omit<InstallProgress, 'wheel'>) => void,
): Promise<void> {
  const path = await pipDownload(python, wheel, downloads, env, (done) =>
    report({ stage: 'download', done: Math.min(done, wheel.bytes), total: wheel.bytes }),
  );
  report({ stage: 'download', done: wheel.bytes, total: wheel.bytes });
  await verifyWheel(path, wheel, (done) => report({ stage: 'verify', done, total: wheel.bytes }));
  await unpackWheel(path, ready, wheel, progressOf(wheel, report));
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

function progressOf(
  wheel: PinnedWheel,
  report: (progress: Omit<InstallProgress, 'wheel'>) => void,
): (count: number) => void {
  const total = Object.values(wheel.members).reduce((sum, member) => sum + member.bytes, 0);
  let done = 0;
  return (count) => report({ stage: 'unpack', done: (done += count), total });
}

async function putInPlace(ready: string, directory: string, library: PinnedLibrary): Promise<void> {
  if (!isInstalled(directory, library)) {
    // What is there and not whole is what an unfinished copy or a hand left; another process may also have been faster.
    const broken = `${ready}.old`;
    await rename(directory, broken).catch(() => undefined);
    await rename(ready, directory).catch((error: unknown) => {
      if (!isInstalled(directory, library)) throw error;
    });
  }
}
