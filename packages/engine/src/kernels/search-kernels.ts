import type { Tensor } from '@tensorflow/tfjs';
import { tf } from '../backend/tfjs.js';
import { attr } from '../native/attributes.js';
import { DType } from '../native/dtype.js';
import { kernel, typeOf, withInt32 } from './kernel.js';
import { stockKernel } from './stock-kernel.js';

const searchSorted = kernel<'sortedSequence' | 'values', { side: 'left' | 'right' }>(
  'SearchSorted',
  (backend, inputs, { side }) => {
    const types = [typeOf(backend, inputs.sortedSequence), attr.type('out_type', DType.INT32)];
    return backend.executeSingleOutput(side === 'left' ? 'LowerBound' : 'UpperBound', types, [
      inputs.sortedSequence,
      inputs.values,
    ]);
  },
);

const denseBincount = kernel<'x' | 'weights', { size: number; binaryOutput: boolean }>(
  'DenseBincount',
  (backend, { x, weights }, { size, binaryOutput }) => {
    const attributes = [
      attr.type('Tidx', DType.INT32),
      typeOf(backend, weights),
      attr.bool('binary_output', binaryOutput),
    ];
    return withInt32(backend, [size], [], (sizes) =>
      backend.executeSingleOutput('DenseBincount', attributes, [x, sizes, weights]),
    );
  },
);

const bitwiseAnd = kernel<'a' | 'b'>('BitwiseAnd', (backend, { a, b }) =>
  backend.executeSingleOutput('BitwiseAnd', [typeOf(backend, a)], [a, b]),
);

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly includeBatchInIndex: boolean;
}

const maxPoolWithArgmax = kernel<'x', PoolAttributes>(
  'MaxPoolWithArgmax',
  (backend, { x }, { filterSize, strides, pad, includeBatchInIndex }) => {
    const info = tf.backend_util.computePool2DInfo(
      x.shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
    );
    const attributes = [
      typeOf(backend, x),
      attr.type('Targmax', DType.INT64),
      attr.int('ksize', [1, info.filterHeight, info.filterWidth, 1]),
      attr.int('strides', [1, info.strideHeight, info.strideWidth, 1]),
      attr.string('padding', info.padInfo.type),
      attr.bool('include_batch_in_index', includeBatchInIndex),
    ];
    return backend.executeMultipleOutputs('MaxPoolWithArgmax', attributes, [x], 2);
  },
);

interface TransformAttributes {
  readonly interpolation: string;
  readonly fillMode: string;
  readonly fillValue: number;
  readonly outputShape?: [number, number];
}

const transform = kernel<'image' | 'transforms', TransformAttributes>(
  'Transform',
  (backend, { image, transforms }, attributes) => {
    const size = attributes.outputShape ?? image.shape.slice(1, 3);
    const all = [
      typeOf(backend, image, 'dtype'),
      attr.string('interpolation', attributes.interpolation.toUpperCase()),
      attr.string('fill_mode', attributes.fillMode.toUpperCase()),
    ];
    return tf.tidy(() => {
      const fill = tf.scalar(attributes.fillValue, 'float32');
      return withInt32(backend, size, [2], (shape) =>
        backend.executeSingleOutput('ImageProjectiveTransformV3', all, [image, transforms, shape, fill]),
      );
    });
  },
);

/** TensorFlow wants each index as a vector of its own; tfjs also takes plain numbers for a list of indices. */
const scatterNd = kernel<'indices' | 'updates', { shape: number[] }>(
  'ScatterNd',
  (backend, { indices, updates }, attributes) => {
    const listed = indices.shape.length === 1 && updates.shape.length >= 1 && indices.shape[0] === updates.shape[0];
    const run = stockKernel('ScatterNd');
    if (!listed) return run({ inputs: { indices, updates }, backend, attrs: { ...attributes } });
    return tf.tidy(() => {
      const rows = tf.reshape(indices as Tensor, [...indices.shape, 1]);
      return run({ inputs: { indices: rows, updates }, backend, attrs: { ...attributes } }) as Tensor;
    });
  },
);

/** Kernels that tfjs-node lacks and TensorFlow has: searching, counting, bits, pooling with indices, projective transforms. */
export const searchKernels = [searchSorted, denseBincount, bitwiseAnd, maxPoolWithArgmax, transform, scatterNd];
