import { MultichexnetError } from '@multichexnet/core';

/** Misuse of the kit. Codes: TESTING_SKIP_UNKNOWN, TESTING_SKIP_REASON, TESTING_NO_LABEL. */
export class TestingError extends MultichexnetError {
  override readonly name = 'TestingError';
}
