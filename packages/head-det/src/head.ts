import {
  batchNorm,
  claimName,
  connect,
  conv2d,
  leakyRelu,
  type FeaturePyramid,
  type PyramidLevel,
} from '@multichexnet/core';
import * as tf from '@tensorflow/tfjs';
import { DetError } from './errors.js';
import { BOX_VALUES } from './grid.js';

export const DECISION_LAYER = 'decision';

export interface DetHeadShape {
  readonly channels: number;
  readonly anchors: number;
  readonly objectness: boolean;
  readonly batchNormMomentum: number;
}

/**
 * CheXDet, eq. 4: 3x3 convolution - batch norm - leaky relu - 1x1 convolution with K anchors a cell. Raw outputs [b, rows, columns, K, 5] (4 without
 * objectness); what they mean is in {@link ./decode.js}.
 */
export function buildHead(
  { tensor }: PyramidLevel,
  { channels, anchors, objectness, batchNormMomentum }: DetHeadShape,
): tf.SymbolicTensor[] {
  const features = conv2d({ name: 'features_conv', filters: channels, kernelSize: 3, useBias: false })(tensor);
  const active = leakyRelu(
    0.1,
    'features_act',
  )(batchNorm({ name: 'features_bn', momentum: batchNormMomentum })(features)); // [b, rows, columns, channels]
  const values = BOX_VALUES + (objectness ? 1 : 0);
  const raw = conv2d({ name: DECISION_LAYER, filters: anchors * values, kernelSize: 1, initializer: 'smallNormal' })(
    active,
  );
  const [, rows, columns] = raw.shape as [null, number, number];
  const reshape = tf.layers.reshape({
    targetShape: [rows, columns, anchors, values],
    name: claimName('reshape', 'boxes'),
  });
  return [connect(reshape)(raw)]; // [b, rows, columns, K, values]
}

/** The level of a stride; by default the deepest. @throws {DetError} DET_STRIDE_UNKNOWN */
export function chooseLevel({ levels }: Pick<FeaturePyramid, 'levels'>, stride: number | undefined): PyramidLevel {
  const level = stride === undefined ? levels.at(-1) : levels.find((candidate) => candidate.stride === stride);
  if (level === undefined) {
    const strides = levels.map((candidate) => candidate.stride).join(', ');
    throw new DetError(
      'DET_STRIDE_UNKNOWN',
      `head "det" is to detect at stride ${stride}, but the encoder's levels have strides ${strides}; choose one of these`,
    );
  }
  return level;
}
