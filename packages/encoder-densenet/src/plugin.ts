import { defineEncoder } from '@multichexnet/core';
import { ARCHITECTURES } from './architecture.js';
import { buildDenseNet } from './densenet.js';
import { options, resolveOptions } from './options.js';
import { assertReadable, loadWeights } from './weights.js';

/** CheXEnc: the DenseNet encoder of the paper (eq. 1) and its siblings. */
export const densenet = defineEncoder({
  kind: 'densenet',
  apiVersion: 1,
  options,
  create: (given) => {
    const { depth, size, channels, normalise, batchNormMomentum, weights } = resolveOptions(given);
    if (weights !== undefined) assertReadable(weights);
    return {
      inputSize: size,
      inputChannels: channels,
      build: (image) => {
        const pyramid = buildDenseNet(image, { ...ARCHITECTURES[depth], normalise, momentum: batchNormMomentum });
        if (weights !== undefined) loadWeights(pyramid, weights);
        return pyramid;
      },
    };
  },
});
