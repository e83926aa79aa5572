import { attr } from '../native/attributes.js';
import { FLOAT, kernel } from './kernel.js';

/** Native gradients of activations. `y` is the activation's output, `x` its input; all are of one shape. */
export const activationGradientKernels = [
  kernel<'dy' | 'y'>('ReluGrad', (backend, { dy, y }) => backend.executeSingleOutput('ReluGrad', [FLOAT], [dy, y])),
  kernel<'dy' | 'y'>('Relu6Grad', (backend, { dy, y }) => backend.executeSingleOutput('Relu6Grad', [FLOAT], [dy, y])),
  kernel<'dy' | 'x', { alpha: number }>('LeakyReluGrad', (backend, { dy, x }, { alpha }) =>
    backend.executeSingleOutput('LeakyReluGrad', [FLOAT, attr.float('alpha', alpha)], [dy, x]),
  ),
  kernel<'dy' | 'y'>('SigmoidGrad', (backend, { dy, y }) =>
    backend.executeSingleOutput('SigmoidGrad', [FLOAT], [y, dy]),
  ),
  kernel<'dy' | 'y'>('TanhGrad', (backend, { dy, y }) => backend.executeSingleOutput('TanhGrad', [FLOAT], [y, dy])),
  kernel<'dy' | 'x'>('SoftplusGrad', (backend, { dy, x }) =>
    backend.executeSingleOutput('SoftplusGrad', [FLOAT], [dy, x]),
  ),
];
