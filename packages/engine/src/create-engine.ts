import type { Engine } from '@multichexnet/core';
import type { ClusterOptions } from './collective/server-def.js';
import { EngineError } from './errors.js';
import { findLibrary } from './library/find-library.js';
import { leaseRuntime } from './runtime-lease.js';
import { encodeConfig, type SessionOptions } from './session-config.js';
import { TensorFlowEngine } from './tensorflow-engine.js';

export interface EngineOptions extends SessionOptions {
  /** Folder of TensorFlow's library; by default `MULTICHEXNET_TENSORFLOW`, else the cache that `installLibrary` fills. */
  readonly library?: string;
  /** The processes that train together, this one among them; by default it computes alone. */
  readonly cluster?: ClusterOptions;
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
 * @throws {EngineError} `ENGINE_PLATFORM_UNSUPPORTED`, `ENGINE_LIBRARY_MISSING`, `ENGINE_LIBRARY_INVALID`, `ENGINE_OPTIONS`, `ENGINE_NO_GPU`, `COLLECTIVE_OPTIONS`,
 * `COLLECTIVE_SERVER`
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const config = encodeConfig(options);
  const { device = 'cpu' } = options;
  const { directory } = findLibrary({ device, ...(options.library === undefined ? {} : { path: options.library }) });
  const { cluster } = options;
  const lease = await leaseRuntime(directory, config, cluster);
  try {
    if (device === 'gpu') assertGpu(lease.backend.runtime.deviceTypes(), directory);
    return new TensorFlowEngine(lease, config, device, cluster);
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** @throws {EngineError} `ENGINE_NO_GPU` */
export function assertGpu(types: readonly string[], directory: string): void {
  if (types.includes('GPU')) return;
  throw new EngineError(
    'ENGINE_NO_GPU',
    `TensorFlow in ${directory} finds no GPU (it sees ${types.join(', ')}). Look at \`nvidia-smi\`: a driver for CUDA 12 must be there, and in a container the ` +
      'GPU must be passed in. If that is well, the library may be the CPU build: run `multichexnet setup --gpu`. TF_CPP_MIN_LOG_LEVEL=0 shows what TensorFlow says.',
  );
}
