import type { Tensor } from '@tensorflow/tfjs';
import { attr } from '../native/attributes.js';
import { DType } from '../native/dtype.js';
import { tf } from '../backend/tfjs.js';
import { kernel, typeOf, withInt32 } from './kernel.js';
import { stockKernel } from './stock-kernel.js';

/** A copy shares its data, except that of a variable: its value may change under the copy. */
const identity = kernel<'x'>('Identity', (backend, { x }) => {
  if (backend.isMutable(x)) return backend.executeSingleOutput('Identity', [typeOf(backend, x)], [x]);
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
});

/** tfjs-node's kernel reads the indices to check them, which a trace cannot; TensorFlow's op checks them as well. */
const gather = kernel<'x' | 'indices', { axis: number; batchDims: number }>(
  'GatherV2',
  (backend, { x, indices }, { axis, batchDims }) => {
    if (backend.trace === undefined)
      return stockKernel('GatherV2')({ inputs: { x, indices }, backend, attrs: { axis, batchDims } });
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
    const attributes = [
      attr.int('batch_dims', batchDims),
      typeOf(backend, x, 'Tparams'),
      typeOf(backend, indices, 'Tindices'),
      attr.type('Taxis', DType.INT32),
    ];
    return withInt32(backend, [axis], [], (axisTensor) =>
      backend.executeSingleOutput('GatherV2', attributes, [x, indices, axisTensor]),
    );
  },
);

/** TensorFlow rounds int32 to zeros. */
const round = kernel<'x'>('Round', (backend, { x }) =>
  x.dtype === 'int32'
    ? identity.kernelFunc({ inputs: { x }, backend })
    : stockKernel('Round')({ inputs: { x }, backend }),
);

/** tfjs's sign of NaN is 0. */
const sign = kernel<'x'>('Sign', (backend, { x }) =>
  tf.tidy(() => {
    const signs = stockKernel('Sign')({ inputs: { x }, backend }) as Tensor;
    return x.dtype === 'float32' ? tf.where(tf.isNaN(x as Tensor), tf.zerosLike(signs), signs) : signs;
  }),
);

export const tensorKernels = [identity, gather, round, sign];
