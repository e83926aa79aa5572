import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import { attr } from '../native/attributes.js';
import { DType } from '../native/dtype.js';
import { executeWithInt64 } from './execute-with-int64.js';
import { kernel, typeOf } from './kernel.js';

const INT32 = DType.INT32;

const fillEmptyRows = kernel<'indices' | 'values' | 'denseShape' | 'defaultValue'>(
  'SparseFillEmptyRows',
  (backend, inputs) => {
    const { indices, values, denseShape, defaultValue } = inputs;
    const all = [indices, values, denseShape, defaultValue];
    return executeWithInt64(backend, 'SparseFillEmptyRows', [typeOf(backend, values)], all, [indices, denseShape], 4);
  },
);

const sparseReshape = kernel<'inputIndices' | 'inputShape' | 'newShape'>(
  'SparseReshape',
  (backend, { inputIndices, inputShape, newShape }) => {
    const all = [inputIndices, inputShape, newShape];
    return executeWithInt64(backend, 'SparseReshape', [], all, all, 2);
  },
);

const segment = (name: string) =>
  kernel<'data' | 'indices' | 'segmentIds'>(name, (backend, { data, indices, segmentIds }) => {
    const types = [typeOf(backend, data), attr.type('Tidx', INT32), attr.type('Tsegmentids', INT32)];
    return backend.executeSingleOutput(name, types, [data, indices, segmentIds]);
  });

const raggedRange = kernel<'starts' | 'limits' | 'deltas'>('RaggedRange', (backend, { starts, limits, deltas }) =>
  backend.executeMultipleOutputs(
    'RaggedRange',
    [typeOf(backend, starts), attr.type('Tsplits', INT32)],
    [starts, limits, deltas],
    2,
  ),
);

type Lists = Readonly<Record<string, readonly TensorInfo[]>>;

const raggedGather = kernel<'paramsDenseValues' | 'indices', { outputRaggedRank: number }>(
  'RaggedGather',
  (backend, inputs, { outputRaggedRank }) => {
    const { paramsDenseValues, indices } = inputs;
    const splits = (inputs as unknown as Lists)['paramsNestedSplits'] ?? [];
    const attributes = [
      typeOf(backend, paramsDenseValues, 'Tvalues'),
      attr.type('Tindices', INT32),
      attr.type('Tsplits', INT32),
      attr.int('PARAMS_RAGGED_RANK', splits.length),
      attr.int('OUTPUT_RAGGED_RANK', outputRaggedRank),
    ];
    return backend.executeMultipleOutputs(
      'RaggedGather',
      attributes,
      [...splits, paramsDenseValues, indices],
      outputRaggedRank + 1,
    );
  },
);

const raggedToTensor = kernel<'shape' | 'values' | 'defaultValue', { rowPartitionTypes: string[] }>(
  'RaggedTensorToTensor',
  (backend, inputs, attributes) => {
    const { shape, values, defaultValue } = inputs;
    const partitions = (inputs as unknown as Lists)['rowPartitionTensors'] ?? [];
    const all = [
      typeOf(backend, values),
      attr.type('Tindex', INT32),
      attr.type('Tshape', INT32),
      attr.int('num_row_partition_tensors', partitions.length),
      attr.string('row_partition_types', attributes.rowPartitionTypes),
    ];
    return backend.executeSingleOutput('RaggedTensorToTensor', all, [shape, values, defaultValue, ...partitions]);
  },
);

interface NGramAttributes {
  readonly separator: string;
  readonly nGramWidths: number[];
  readonly leftPad: string;
  readonly rightPad: string;
  readonly padWidth: number;
  readonly preserveShortSequences: boolean;
}

const nGrams = kernel<'data' | 'dataSplits', NGramAttributes>(
  'StringNGrams',
  (backend, { data, dataSplits }, attributes) => {
    const all = [
      attr.type('Tsplits', INT32),
      attr.string('separator', attributes.separator),
      attr.int('ngram_widths', attributes.nGramWidths),
      attr.string('left_pad', attributes.leftPad),
      attr.string('right_pad', attributes.rightPad),
      attr.int('pad_width', attributes.padWidth),
      attr.bool('preserve_short_sequences', attributes.preserveShortSequences),
    ];
    return backend.executeMultipleOutputs('StringNGrams', all, [data, dataSplits], 2);
  },
);

const stringSplit = kernel<'input' | 'delimiter', { skipEmpty: boolean }>(
  'StringSplit',
  (backend, { input, delimiter }, { skipEmpty }) =>
    backend.executeMultipleOutputs('StringSplit', [attr.bool('skip_empty', skipEmpty)], [input, delimiter], 3),
);

const hashBucket = kernel<'input', { numBuckets: number }>(
  'StringToHashBucketFast',
  (backend, { input }, { numBuckets }): Tensor =>
    backend.executeSingleOutput('StringToHashBucketFast', [attr.int('num_buckets', numBuckets)], [input]),
);

/** Kernels that tfjs-node lacks and TensorFlow has: sparse, ragged and string tensors. */
export const sparseKernels = [
  fillEmptyRows,
  sparseReshape,
  segment('SparseSegmentMean'),
  segment('SparseSegmentSum'),
  raggedRange,
  raggedGather,
  raggedToTensor,
  nGrams,
  stringSplit,
  hashBucket,
];
