import { MultichexnetError } from '@multichexnet/core';

/** Codes: DET_ANCHORS_NOT_FITTED, DET_STRIDE_UNKNOWN, DET_STRIDE_MISSING. */
export class DetError extends MultichexnetError {
  override readonly name = 'DetError';
}
