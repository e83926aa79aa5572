import type { Tensor } from '@tensorflow/tfjs';
import { tf } from '../backend/tfjs.js';
import { attr } from '../native/attributes.js';
import { DType } from '../native/dtype.js';
import { EngineError } from '../errors.js';
import { kernel, typeOf, withInt32 } from './kernel.js';

/**
 * `StatelessRandomUniform`: seed int32 [2] -> float32 of the shape given, uniform in [0, 1). The same seed gives the same numbers; other seeds are
 * independent of them (Philox counter generator).
 */
const statelessUniform = kernel<'seed', { shape: number[] }>(
  'StatelessRandomUniform',
  (backend, { seed }, { shape }) => {
    if (seed.dtype !== 'int32' || seed.shape.length !== 1 || seed.shape[0] !== 2) {
      throw new EngineError(
        'NATIVE_ARGUMENT',
        `StatelessRandomUniform: the seed must be int32 of shape [2], got ${seed.dtype} of shape [${seed.shape.join(', ')}].`,
      );
    }
    const attributes = [attr.type('dtype', DType.FLOAT), attr.type('T', DType.INT32), attr.type('Tseed', DType.INT32)];
    return withInt32(backend, shape, [shape.length], (dims) =>
      backend.executeSingleOutput('StatelessRandomUniform', attributes, [dims, seed]),
    );
  },
);

/**
 * tfjs's `Multinomial`, on the stateless op: tfjs-node's own draws go on from call to call, also with a seed. tfjs takes a seed from [0, 1) when none is
 * given.
 */
const multinomial = kernel<'logits', { numSamples: number; seed: number; normalized: boolean }>(
  'Multinomial',
  (backend, { logits }, attributes) => {
    const { numSamples, normalized } = attributes;
    if (backend.trace !== undefined)
      throw backend.trace.fail('TRACE_RANDOM', 'tf.multinomial is called, whose seed is a JavaScript number');
    const seed = Math.trunc(Math.abs(attributes.seed) < 1 ? attributes.seed * 2 ** 31 : attributes.seed) % 2 ** 31;
    return tf.tidy(() => {
      const scores = normalized ? tf.log(logits as Tensor) : logits;
      const types = [typeOf(backend, scores), attr.type('Tseed', DType.INT32), attr.type('output_dtype', DType.INT32)];
      return withInt32(backend, [numSamples], [], (samples) =>
        withInt32(backend, [seed, 0], [2], (seeds) =>
          backend.executeSingleOutput('StatelessMultinomial', types, [scores, samples, seeds]),
        ),
      );
    });
  },
);

export const randomKernels = [statelessUniform, multinomial];
