/** Stable codes of everything this package throws on purpose. */
export type EngineErrorCode =
  // Finding, fetching and loading TensorFlow's library
  | 'ENGINE_PLATFORM_UNSUPPORTED'
  | 'ENGINE_LIBRARY_MISSING'
  | 'ENGINE_LIBRARY_INVALID'
  | 'ENGINE_PYTHON_MISSING'
  | 'ENGINE_DOWNLOAD_FAILED'
  | 'ENGINE_CHECKSUM'
  | 'ENGINE_NO_GPU'
  // Life cycle
  | 'ENGINE_OPTIONS'
  | 'ENGINE_DISPOSED'
  | 'ENGINE_BUSY'
  // Native calls
  | 'NATIVE_ARGUMENT'
  | 'NATIVE_ERROR'
  // Traced steps
  | 'TRACE_VALUE_READ'
  | 'TRACE_RANDOM'
  | 'TRACE_HOST_TENSOR'
  | 'TRACE_ASSIGN'
  | 'TRACE_VARIABLE'
  | 'TRACE_UNKNOWN_SHAPE'
  | 'TRACE_ESCAPED'
  | 'TRACE_NESTED'
  | 'TRACE_ASYNC'
  | 'TRACE_RESULT'
  | 'STEP_DISPOSED'
  | 'STEP_INPUT'
  // Several processes
  | 'COLLECTIVE_OPTIONS'
  | 'COLLECTIVE_SERVER'
  | 'COLLECTIVE_OUTSIDE_STEP'
  // Variables and optimizers
  | 'VARIABLE_ADOPTED'
  | 'VARIABLE_NOT_ADOPTED'
  | 'VARIABLE_RELEASED'
  | 'VARIABLE_VALUE'
  | 'OPTIMIZER_CONFIG'
  | 'OPTIMIZER_GRADIENT'
  | 'OPTIMIZER_OUTSIDE_STEP'
  | 'OPTIMIZER_STATE'
  | 'OPTIMIZER_DISPOSED';

/** An error with a stable `code`; the message says what happened, where, what was got and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}

/** One line of text for any thrown value. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
