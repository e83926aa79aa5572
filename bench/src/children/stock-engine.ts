import type { CompiledStep, Engine, Optimizer, StepFunction } from '@multichexnet/core';
import { findLibrary } from '@multichexnet/engine';
import * as tf from '@tensorflow/tfjs';
import { createBinding } from '../../../packages/engine/src/backend/create-binding.js';
import { loadNodeKernels } from '../../../packages/engine/src/backend/node-kernels.js';
import { loadLibrary } from '../../../packages/engine/src/native/load-library.js';
import { NativeRuntime } from '../../../packages/engine/src/native/native-runtime.js';

/**
 * What a user of TensorFlow.js in Node has today, on the same native library: tfjs-node's own kernels, op by op, tfjs's own gradients, its unfused batch
 * norm and its Adam. None of our kernels or gradients is registered in a process that uses it.
 */
export async function createStockEngine(): Promise<Engine> {
  const Backend = loadNodeKernels();
  const runtime = new NativeRuntime(loadLibrary(findLibrary().directory), new Uint8Array());
  const backend = new Backend(
    createBinding(runtime, () => undefined),
    '@tensorflow/tfjs-node',
  );
  tf.registerBackend('tensorflow', () => backend, 3);
  await tf.setBackend('tensorflow');
  return {
    info: { name: 'stock tfjs', version: runtime.api.TF_Version(), device: 'cpu' },
    compile: (_, fn) => eagerStep(fn),
    record: () => {
      throw new Error('tfjs runs op by op and records nothing');
    },
    adopt: () => undefined,
    assign: (variable, value) => variable.assign(value),
    release: (variables) => tf.dispose([...variables]),
    createOptimizer: stockAdam,
    memory: () => ({ handles: tf.memory().numTensors, resources: 0, functions: 0 }),
    dispose: () => undefined,
  };
}

function eagerStep(fn: StepFunction): CompiledStep {
  return {
    run: (inputs) => Promise.resolve(tf.tidy(() => fn([...inputs]))),
    traces: 0,
    dispose: () => undefined,
  };
}

function stockAdam(): Optimizer {
  const notHere = (): never => {
    throw new Error('the benchmark keeps no optimizer state');
  };
  let adam: tf.AdamOptimizer | undefined;
  return {
    config: { kind: 'adam' },
    apply: (parameters, gradients, learningRate) => {
      adam ??= tf.train.adam(learningRate.dataSync()[0]);
      // All parameters every time: tfjs keeps moments by position.
      const named = Object.entries(parameters).map(([name, variable]) => ({
        name: variable.name,
        tensor: gradients[name] as tf.Tensor,
      }));
      adam.applyGradients(named);
    },
    state: notHere,
    restore: notHere,
    dispose: () => adam?.dispose(),
  };
}
