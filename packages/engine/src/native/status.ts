import { EngineError } from '../errors.js';
import type { CApi } from './c-api.js';
import type { StatusPointer } from './pointers.js';

/** `TF_Code` (`tensorflow/c/tf_status.h`), by number. */
const CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** A `TF_Status`: where a native call leaves whether it succeeded. One may serve many calls, one after the other. */
export class Status {
  readonly pointer: StatusPointer;
  readonly #api: CApi;

  constructor(api: CApi) {
    this.#api = api;
    this.pointer = api.TF_NewStatus();
  }

  /** @throws {EngineError} `NATIVE_ERROR` with TensorFlow's own message when the last call failed */
  check(what: string): void {
    const failure = this.take();
    if (failure !== undefined) throw new EngineError('NATIVE_ERROR', `${what}: ${failure.message} (${failure.code})`);
  }

  /** The failure of the last call, if it failed. It is cleared: not every native call does that when it succeeds. */
  take(): { readonly code: string; readonly message: string } | undefined {
    const code = this.#api.TF_GetCode(this.pointer);
    if (code === 0) return undefined;
    const message = this.#api.TF_Message(this.pointer);
    this.#api.TF_SetStatus(this.pointer, 0, '');
    return { code: CODES[code] ?? String(code), message };
  }

  free(): void {
    this.#api.TF_DeleteStatus(this.pointer);
  }
}
