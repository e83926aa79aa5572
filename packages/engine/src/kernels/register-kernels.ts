import { BACKEND_NAME } from '../backend/backend-name.js';
import { loadNodeKernels, type NodeKernelBackendClass } from '../backend/node-kernels.js';
import { tf } from '../backend/tfjs.js';
import { collectiveKernels } from '../collective/collectives.js';
import { registerGradients } from '../gradients/register-gradients.js';
import { activationGradientKernels } from './activation-gradients.js';
import { batchNormKernels } from './batch-norm.js';
import { biasKernels } from './bias.js';
import { randomKernels } from './random.js';
import { resizeGradientKernels } from './resize-gradients.js';
import { explicitPaddingKernels } from './explicit-padding.js';
import { filterGradientKernels } from './filter-gradient.js';
import { fusedConv2dKernels } from './fused-conv2d.js';
import { keepStockKernel } from './stock-kernel.js';
import { searchKernels } from './search-kernels.js';
import { sparseKernels } from './sparse-kernels.js';
import { tensorKernels } from './tensor-kernels.js';

let registered: NodeKernelBackendClass | undefined;

/** Registers tfjs-node's kernels, ours in place of some of them, and the native gradients; once per process. */
export function registerKernels(): NodeKernelBackendClass {
  if (registered !== undefined) return registered;
  const backendClass = loadNodeKernels();
  for (const config of [
    ...tensorKernels,
    ...biasKernels,
    ...batchNormKernels,
    ...activationGradientKernels,
    ...resizeGradientKernels,
    ...explicitPaddingKernels,
    ...filterGradientKernels,
    ...fusedConv2dKernels,
    ...randomKernels,
    ...searchKernels,
    ...sparseKernels,
    ...collectiveKernels,
  ]) {
    const stock = tf.getKernel(config.kernelName, BACKEND_NAME) as ReturnType<typeof tf.getKernel> | undefined;
    if (stock !== undefined) {
      keepStockKernel(config.kernelName, stock.kernelFunc);
      tf.unregisterKernel(config.kernelName, BACKEND_NAME);
    }
    tf.registerKernel(config);
  }
  registerGradients();
  return (registered = backendClass);
}
