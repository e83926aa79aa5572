import { CallQueue } from './backend/call-queue.js';
import { BACKEND_NAME } from './backend/backend-name.js';
import { createBackend } from './backend/create-backend.js';
import type { TensorFlowBackend } from './backend/tensorflow-backend.js';
import { tf } from './backend/tfjs.js';
import { avoidProxy, encodeServerDef, type ClusterOptions } from './collective/server-def.js';
import { EngineError } from './errors.js';
import { loadLibrary } from './native/load-library.js';
import { NativeRuntime } from './native/native-runtime.js';

/** The native runtime and tfjs backend of this process, shared by its engines: tfjs has one global backend of each name. */
interface SharedRuntime {
  readonly backend: TensorFlowBackend;
  readonly config: string;
  readonly previous: string | undefined;
  leases: number;
}

let shared: SharedRuntime | undefined;

export interface RuntimeLease {
  readonly backend: TensorFlowBackend;
  /** Gives the runtime back; the last one frees it and puts back the tfjs backend that was active before. */
  release(): void;
}

/** @throws {EngineError} `ENGINE_OPTIONS` when another engine runs with other options, `COLLECTIVE_*` */
export async function leaseRuntime(
  directory: string,
  config: Uint8Array,
  cluster?: ClusterOptions,
): Promise<RuntimeLease> {
  const options = `${directory}:${Buffer.from(config).toString('hex')}:${JSON.stringify(cluster)}`;
  if (shared !== undefined && shared.config !== options) {
    throw new EngineError(
      'ENGINE_OPTIONS',
      'Another engine of this process runs with other options (library, threads or precision). Dispose it first, or use its options.',
    );
  }
  const runtime = (shared ??= start(directory, config, options, cluster));
  runtime.leases++;
  await tf.setBackend(BACKEND_NAME);
  let released = false;
  return {
    backend: runtime.backend,
    release() {
      if (released) return;
      released = true;
      if (--runtime.leases === 0) stop(runtime);
    },
  };
}

function start(
  directory: string,
  config: Uint8Array,
  options: string,
  cluster: ClusterOptions | undefined,
): SharedRuntime {
  const server = cluster === undefined ? undefined : encodeServerDef(cluster, config);
  if (cluster !== undefined) avoidProxy(cluster.addresses, process.env);
  const runtime = new NativeRuntime(loadLibrary(directory), config, server);
  const backend = createBackend(runtime, new CallQueue(), cluster?.addresses.length);
  const previous = activeBackend();
  tf.registerBackend(BACKEND_NAME, () => backend, 3);
  return { backend, config: options, previous, leases: 0 };
}

function stop(runtime: SharedRuntime): void {
  shared = undefined;
  if (runtime.previous !== undefined) void tf.setBackend(runtime.previous);
  tf.removeBackend(BACKEND_NAME);
  const native = runtime.backend.runtime;
  const { calls } = runtime.backend;
  // A step that still runs holds the context: it goes when the step ends.
  if (calls.busy) void calls.whenIdle(() => native.dispose());
  else native.dispose();
}

function activeBackend(): string | undefined {
  // tfjs's types do not say that it is null before the first backend.
  const name = tf.engine().backendName as string | null;
  return name === null || name === '' || name === BACKEND_NAME ? undefined : name;
}
