import { MultichexnetError } from '@multichexnet/core';

/** Codes: ONNX_UNSUPPORTED_OP, ONNX_BATCH, ONNX_RUNTIME_MISSING, ONNX_RUNTIME_FAILED, ONNX_DIFFERENT. */
export class OnnxError extends MultichexnetError {
  override readonly name = 'OnnxError';
}
