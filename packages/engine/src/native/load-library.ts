import type { LibraryHandle } from 'koffi';
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError, reasonOf } from '../errors.js';
import { CC_LIBRARY, FRAMEWORK_LIBRARY } from '../library/pinned-wheel.js';
import { bindCApi, type CApi } from './c-api.js';
import { shareOneHeap } from './heap.js';
import { koffi } from './koffi.js';

const RTLD_LAZY = 0x1;
const RTLD_GLOBAL = 0x100;
const RTLD_NODELETE = 0x1000;
const OLDEST = [2, 18] as const;

let loaded: { readonly directory: string; readonly api: CApi } | undefined;

/**
 * Loads TensorFlow's two libraries once per process; they are never unloaded (their exit handlers must stay callable).
 *
 * @throws {EngineError} `ENGINE_LIBRARY_INVALID` when they do not load, are older than 2.18, or another copy is loaded already
 */
export function loadLibrary(directory: string): CApi {
  if (loaded !== undefined) {
    if (loaded.directory === directory) return loaded.api;
    throw new EngineError(
      'ENGINE_LIBRARY_INVALID',
      `This process has loaded TensorFlow from ${loaded.directory} and cannot load ${directory} as well. Start a new process for it.`,
    );
  }
  // Both are read while the library loads: afterwards it is too late.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const quiet = process.env['TF_CPP_MIN_LOG_LEVEL'] !== '0';
  let api: CApi;
  try {
    shareOneHeap();
    api = quiet ? withoutInfoLog(() => open(directory, true)) : open(directory, false);
    assertVersion(api.TF_Version(), directory);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(
      'ENGINE_LIBRARY_INVALID',
      `TensorFlow's library in ${directory} does not load: ${reasonOf(error)}`,
      { cause: error },
    );
  }
  loaded = { directory, api };
  return api;
}

function open(directory: string, quiet: boolean): CApi {
  const framework = join(directory, FRAMEWORK_LIBRARY);
  keepLoaded(framework);
  const first = koffi().load(framework, { lazy: true, global: true });
  if (quiet) silenceAbsl(first);
  keepLoaded(join(directory, CC_LIBRARY));
  return bindCApi(koffi().load(join(directory, CC_LIBRARY), { lazy: true, global: true }));
}

/** koffi closes its libraries when Node ends, before the C runtime calls the exit handlers in them: that would crash every clean exit. */
function keepLoaded(path: string): void {
  const program = koffi().load(null);
  const dlopen = program.func('dlopen', 'void *', ['str', 'int']) as (path: string, flags: number) => bigint | null;
  const dlerror = program.func('dlerror', 'str', []) as () => string | null;
  if (dlopen(path, RTLD_LAZY | RTLD_GLOBAL | RTLD_NODELETE) === null) {
    throw new EngineError('ENGINE_LIBRARY_INVALID', `${path} does not load: ${dlerror() ?? 'unknown reason'}`);
  }
}

/** Abseil's own threshold; TF_CPP_MIN_LOG_LEVEL does not reach what is logged before its initialisation. The symbol carries Abseil's release. */
function silenceAbsl(framework: LibraryHandle): void {
  for (const release of ['20250814', '20250127', '20240722', '20240116', '20230802']) {
    const symbol = `_ZN4absl12lts_${release}14SetMinLogLevelENS0_18LogSeverityAtLeastE`;
    try {
      const setMinLogLevel = framework.func(symbol, 'void', ['int']) as (severity: number) => void;
      setMinLogLevel(2);
      return;
    } catch {
      // another release
    }
  }
}

/**
 * Runs `load` with stderr caught in memory, and writes on what is not TensorFlow's start-up information (lines that begin with `I0000`): it is
 * printed from static initialisers, before any threshold can be set.
 */
function withoutInfoLog<T>(load: () => T): T {
  const libc = koffi().load(null);
  const dup = libc.func('dup', 'int', ['int']) as (fd: number) => number;
  const dup2 = libc.func('dup2', 'int', ['int', 'int']) as (from: number, to: number) => number;
  const memfd = libc.func('memfd_create', 'int', ['str', 'uint']) as (name: string, flags: number) => number;
  const saved = dup(2);
  const caught = saved < 0 ? -1 : memfd('tensorflow-log', 0);
  if (caught < 0) return load();
  dup2(caught, 2);
  try {
    return load();
  } finally {
    dup2(saved, 2);
    const text = readFileSync(`/proc/self/fd/${caught}`, 'utf8');
    closeSync(caught);
    closeSync(saved);
    const rest = text
      .split('\n')
      .filter((line) => line !== '' && !/^(I0000 |WARNING: All log messages before absl)/.test(line));
    if (rest.length > 0) writeSync(2, `${rest.join('\n')}\n`);
  }
}

function assertVersion(version: string, directory: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === OLDEST[0] && minor >= OLDEST[1]) return;
  throw new EngineError(
    'ENGINE_LIBRARY_INVALID',
    `TensorFlow ${version} in ${directory} is not usable: 2.18 or newer (2.x) is needed.`,
  );
}
