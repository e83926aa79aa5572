import type { Engine } from '@multichexnet/core';
import { findLibrary } from './library/find-library.js';
import { leaseRuntime } from './runtime-lease.js';
import { encodeConfig, type SessionOptions } from './session-config.js';
import { TensorFlowEngine } from './tensorflow-engine.js';

export interface EngineOptions extends SessionOptions {
  /** Folder of TensorFlow's library; by default `MULTICHEXNET_TENSORFLOW`, else the cache that `installLibrary` fills. */
  readonly library?: string;
}

/**
 * Loads TensorFlow's library and makes it tfjs's active backend, under the name `tensorflow`.
 *
 * Several engines may live in one process: they share the runtime (and so must have the same options), each frees what is its own.
 *
 * @example
 * const engine = await createEngine();
 * const step = engine.compile('double', ([x]) => [x.mul(2)]);
 * const [y] = await step.run([tf.scalar(21)]);
 * @throws {EngineError} `ENGINE_PLATFORM_UNSUPPORTED`, `ENGINE_LIBRARY_MISSING`, `ENGINE_LIBRARY_INVALID`, `ENGINE_OPTIONS`
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const config = encodeConfig(options);
  const { directory } = findLibrary(options.library === undefined ? {} : { path: options.library });
  return new TensorFlowEngine(await leaseRuntime(directory, config), config);
}
