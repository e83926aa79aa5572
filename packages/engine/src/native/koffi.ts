import type * as Koffi from 'koffi';
import { createRequire } from 'node:module';
import { EngineError, reasonOf } from '../errors.js';

let loaded: typeof Koffi | undefined;

/**
 * koffi's native half, which has all of its functions: the package `koffi` around it only picks the platform, and has an install script.
 *
 * @throws {EngineError} `ENGINE_PLATFORM_UNSUPPORTED` where npm did not install it
 */
export function koffi(): typeof Koffi {
  if (loaded !== undefined) return loaded;
  try {
    return (loaded = createRequire(import.meta.url)('@koromix/koffi-linux-x64') as typeof Koffi);
  } catch (error) {
    throw new EngineError(
      'ENGINE_PLATFORM_UNSUPPORTED',
      `koffi's native module for linux-x64 does not load (${reasonOf(error)}). Install this package on a linux-x64 machine, with optional dependencies.`,
      { cause: error },
    );
  }
}
