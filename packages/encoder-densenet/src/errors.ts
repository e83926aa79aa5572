import { MultichexnetError } from '@multichexnet/core';

/** Codes: ENCODER_SIZE, ENCODER_WEIGHTS_MISSING, ENCODER_WEIGHTS_UNEXPECTED, ENCODER_WEIGHTS_SHAPE, ENCODER_WEIGHTS_FILE. */
export class EncoderError extends MultichexnetError {
  override readonly name = 'EncoderError';
}
