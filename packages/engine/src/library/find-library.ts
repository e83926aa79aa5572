import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { EngineError } from '../errors.js';
import { GPU_LIBRARY } from './gpu-library.js';
import { CC_LIBRARY, CPU_LIBRARY, FRAMEWORK_LIBRARY, type PinnedLibrary } from './pinned-wheel.js';

export interface LibraryLocation {
  /** Folder that holds `libtensorflow_cc.so.2` and `libtensorflow_framework.so.2`. */
  readonly directory: string;
  /** Where the folder was named: an option, `MULTICHEXNET_TENSORFLOW`, or this project's cache. */
  readonly source: 'option' | 'environment' | 'cache';
}

export interface FindLibraryOptions {
  /** Folder of the library, or the path of `libtensorflow_cc.so.2` itself. */
  readonly path?: string;
  /** Which build of the cache: TensorFlow for the CPU (default), or for CUDA with NVIDIA's libraries. */
  readonly device?: Device;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Finds TensorFlow's C library: the path given, else the one in `MULTICHEXNET_TENSORFLOW`, else the cache that `installLibrary` fills.
 *
 * @throws {EngineError} `ENGINE_PLATFORM_UNSUPPORTED` on anything but linux-x64; `ENGINE_LIBRARY_MISSING` when there is none, or when the
 *   path given has none (the cache is then not tried: an explicit path is never silently replaced).
 */
export function findLibrary(options: FindLibraryOptions = {}): LibraryLocation {
  assertPlatform();
  const env = options.env ?? process.env;
  const explicit = options.path ?? env['MULTICHEXNET_TENSORFLOW'];
  if (explicit !== undefined && explicit !== '') {
    const source = options.path === undefined ? 'environment' : 'option';
    const directory = folderOf(resolve(explicit));
    if (!isComplete(directory)) {
      const where = source === 'option' ? 'the `library` option' : 'MULTICHEXNET_TENSORFLOW';
      throw new EngineError(
        'ENGINE_LIBRARY_MISSING',
        `${where} names ${explicit}, which has no ${CC_LIBRARY} with ${FRAMEWORK_LIBRARY} beside it. ` +
          'Give the `tensorflow` folder of an unpacked TensorFlow 2.18 or newer wheel for linux-x64.',
      );
    }
    return { directory, source };
  }
  const library = libraryFor(options.device);
  const folder = cacheFolder(env, library);
  if (!isInstalled(folder, library)) {
    throw new EngineError(
      'ENGINE_LIBRARY_MISSING',
      `TensorFlow's library is not in ${folder}. Run \`multichexnet setup${options.device === 'gpu' ? ' --gpu' : ''}\` (it needs Python 3 with pip), or set MULTICHEXNET_TENSORFLOW to ` +
        'the `tensorflow` folder of an unpacked TensorFlow 2.18 or newer wheel for linux-x64.',
    );
  }
  return { directory: join(folder, library.libraries), source: 'cache' };
}

export type Device = 'cpu' | 'gpu';

export function libraryFor(device: Device = 'cpu'): PinnedLibrary {
  return device === 'gpu' ? GPU_LIBRARY : CPU_LIBRARY;
}

/** `${XDG_CACHE_HOME:-~/.cache}/multichexnet/tensorflow-cpu-2.21.0`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, library: PinnedLibrary = CPU_LIBRARY): string {
  const xdg = env['XDG_CACHE_HOME'];
  const root = xdg !== undefined && xdg !== '' ? xdg : join(env['HOME'] ?? homedir(), '.cache');
  return join(root, 'multichexnet', library.folder);
}

/** @throws {EngineError} `ENGINE_PLATFORM_UNSUPPORTED` */
export function assertPlatform(platform: string = process.platform, arch: string = process.arch): void {
  if (platform === 'linux' && arch === 'x64') return;
  throw new EngineError(
    'ENGINE_PLATFORM_UNSUPPORTED',
    `The engine runs on linux-x64 (glibc 2.27 or newer); this is ${platform}-${arch}. Use a linux-x64 machine or container.`,
  );
}

/** Whether the folder holds the pinned library in full (sizes as in the wheels). */
export function isInstalled(directory: string, library: PinnedLibrary = CPU_LIBRARY): boolean {
  return library.wheels
    .flatMap(({ members }) => Object.values(members))
    .every(({ name, bytes }) => sizeOf(join(directory, name)) === bytes);
}

function isComplete(directory: string): boolean {
  return [CC_LIBRARY, FRAMEWORK_LIBRARY].every((name) => (sizeOf(join(directory, name)) ?? 0) > 0);
}

function folderOf(path: string): string {
  return basename(path).startsWith('libtensorflow_cc.so') ? dirname(path) : path;
}

function sizeOf(path: string): number | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat.size : undefined;
  } catch {
    return undefined; // absent, or not to be looked at
  }
}
