import { kernel } from './kernel.js';
import { stockKernel } from './stock-kernel.js';

/** Seeds are integers in TensorFlow; tfjs draws them from [0, 1) when none is given. */
const multinomial = kernel<'logits', { numSamples: number; seed: number; normalized: boolean }>(
  'Multinomial',
  (backend, { logits }, attributes) => {
    const seed = Math.trunc(Math.abs(attributes.seed) < 1 ? attributes.seed * 2 ** 26 : attributes.seed);
    return stockKernel('Multinomial')({ inputs: { logits }, backend, attrs: { ...attributes, seed } });
  },
);

export const randomKernels = [multinomial];
