import { MultichexnetError } from '@multichexnet/core';

/** Codes: SEG_LEVELS. */
export class SegError extends MultichexnetError {
  override readonly name = 'SegError';
}
