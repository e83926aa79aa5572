import type * as Tfjs from '@tensorflow/tfjs';
import { createRequire } from 'node:module';

/**
 * TensorFlow.js as CommonJS: the copy that tfjs-node's kernels require and that a plain `import` gives in Node. One class `Tensor`, one global engine.
 */
export const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof Tfjs;
