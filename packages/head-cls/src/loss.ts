import { binaryCrossEntropy } from '@multichexnet/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs';

/**
 * Eq. 3, binary cross-entropy of C sigmoids, as the mean over the (sample, class) entries that are known.
 *
 * @param logits [b, C]
 * @param target [b, C] 0 or 1
 * @param known [b, C] 0 = unknown
 */
export function clsLoss(logits: Tensor, target: Tensor, known: Tensor): Scalar {
  return binaryCrossEntropy(logits, target, known);
}
