import { testEncoder } from '@multichexnet/testing';
import { densenet } from './plugin.js';

testEncoder(densenet, { options: { depth: 'small', size: 32 } });
testEncoder(densenet, {
  options: { depth: 'small', size: 48, channels: 3, normalise: 'torch', batchNormMomentum: 0.99 },
});
