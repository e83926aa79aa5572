import type * as Koffi from 'koffi';
import { createRequire } from 'node:module';
import { EngineError, reasonOf } from '../errors.js';

const STACK_BYTES = 8 * 2 ** 20; // as much as a thread of the C library has

let loaded: typeof Koffi | undefined;

/**
 * koffi's native half, which has all of its functions: the package `koffi` around it only picks the platform, and has an install script.
 *
 * @throws {EngineError} `ENGINE_PLATFORM_UNSUPPORTED` where npm did not install it
 */
export function koffi(): typeof Koffi {
  if (loaded !== undefined) return loaded;
  try {
    const native = createRequire(import.meta.url)('@koromix/koffi-linux-x64') as typeof Koffi;
    // Native code runs on stacks that koffi allocates, 128 KiB for asynchronous calls: TensorFlow optimises whole graphs on one.
    native.config({
      ...native.config(),
      sync_stack_size: STACK_BYTES,
      async_stack_size: STACK_BYTES,
      resident_async_pools: 2,
    });
    return (loaded = native);
  } catch (error) {
    throw new EngineError(
      'ENGINE_PLATFORM_UNSUPPORTED',
      `koffi's native module for linux-x64 does not load (${reasonOf(error)}). Install this package on a linux-x64 machine, with optional dependencies.`,
      { cause: error },
    );
  }
}
