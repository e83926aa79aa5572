import type { KernelFunc } from '@tensorflow/tfjs';
import { EngineError } from '../errors.js';

const replaced = new Map<string, KernelFunc>();

/** Keeps the kernel that ours takes the place of. */
export function keepStockKernel(name: string, run: KernelFunc): void {
  replaced.set(name, run);
}

/** tfjs-node's own kernel of that name. */
export function stockKernel(name: string): KernelFunc {
  const run = replaced.get(name);
  if (run === undefined) throw new EngineError('NATIVE_ARGUMENT', `tfjs-node has no kernel ${name}.`);
  return run;
}
