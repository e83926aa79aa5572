import type * as Runtime from 'onnxruntime-node';
import { OnnxError } from '../errors.js';

/** Values of a tensor on their way in or out. */
export interface RuntimeTensor {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/**
 * A model that ONNX Runtime has loaded. Its package for Node computes on the calling thread (and on its own pool beside that): while a run lasts the event loop
 * stands still, and two runs never overlap.
 */
export interface RuntimeSession {
  /** @throws {OnnxError} ONNX_RUNTIME_FAILED */
  run(inputs: Readonly<Record<string, RuntimeTensor>>): Promise<Record<string, RuntimeTensor>>;
  /** Runs that are under way end first. */
  dispose(): Promise<void>;
}

export interface SessionOptions {
  /** Threads that one op is split over; by default one a core. */
  readonly threads?: number;
}

export interface OnnxRuntime {
  readonly version: string;
  /** @throws {OnnxError} ONNX_RUNTIME_FAILED */
  open(model: Uint8Array, options?: SessionOptions): Promise<RuntimeSession>;
}

export const INSTALL_RUNTIME = 'npm install onnxruntime-node --ignore-scripts';

/**
 * ONNX Runtime's own package for Node, which is optional. Its install script fetches libraries for GPUs alone: the one for CPUs comes with the package.
 *
 * @throws {OnnxError} ONNX_RUNTIME_MISSING
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  const { InferenceSession, Tensor, env } = await importRuntime();
  return {
    version: env.versions.node ?? env.versions.common,
    open: async (model, { threads } = {}) => {
      const session = await InferenceSession.create(model, {
        executionProviders: ['cpu'],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      }).catch((error: unknown) => {
        throw failed('does not take the model', error);
      });
      let running: Promise<unknown> = Promise.resolve();
      return {
        run: async (inputs) => {
          const feeds = Object.fromEntries(
            Object.entries(inputs).map(([name, { dtype, dims, data }]) => [
              name,
              new Tensor(dtype, data as never, dims),
            ]),
          );
          const result = session.run(feeds);
          running = Promise.allSettled([running, result]);
          const outputs = await result.catch((error: unknown) => {
            throw failed('does not run the model', error);
          });
          return Object.fromEntries(
            Object.entries(outputs).map(([name, { type, dims, data }]) => [
              name,
              { dtype: type, dims, data } as RuntimeTensor,
            ]),
          );
        },
        dispose: async () => {
          await running;
          await session.release();
        },
      };
    },
  };
}

const failed = (what: string, cause: unknown): OnnxError =>
  new OnnxError(
    'ONNX_RUNTIME_FAILED',
    `ONNX Runtime ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
    {},
    { cause },
  );

async function importRuntime(): Promise<typeof Runtime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    const what = absent ? 'onnxruntime-node is not installed' : `onnxruntime-node does not load (${String(error)})`;
    throw new OnnxError('ONNX_RUNTIME_MISSING', `${what}; install it with: ${INSTALL_RUNTIME}`, {}, { cause: error });
  }
}
