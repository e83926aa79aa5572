import { dense, dropout, globalAveragePool, type FeaturePyramid } from '@multichexnet/core';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { ClsOptions } from './options.js';

/** theta_dec of eq. 15. */
export const DECISION_LAYER = 'decision';

/**
 * CheXCls, eq. 2: global average pooling - dropout - dense relu - dropout - one output per class. Outputs are logits [b, C]; the sigmoid of the paper is in
 * {@link ./decode.js} and, fused and stable, in the loss.
 */
export function buildHead(
  { deepest }: FeaturePyramid,
  { classes, hidden, dropout: rate }: ClsOptions,
): SymbolicTensor[] {
  const pooled = globalAveragePool(deepest, 'pool'); // [b, c]
  const features = dense(hidden, 'relu', 'features')(dropout(rate, 'dropout_pool')(pooled)); // [b, hidden]
  return [dense(classes.length, 'linear', DECISION_LAYER)(dropout(rate, 'dropout_features')(features))]; // [b, C]
}
