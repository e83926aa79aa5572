import { EngineError } from '../errors.js';
import type { CApi } from './c-api.js';
import type { HandlePointer } from './pointers.js';
import type { Status } from './status.js';

/** A live native tensor, known to JavaScript by its id. */
export interface TensorEntry {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

interface LiveEntry extends TensorEntry {
  readonly handle: HandlePointer;
}

/** Every native tensor handle this package holds, by a number that is never used twice: a stale id is an error, not another tensor. */
export class HandleTable {
  readonly #api: CApi;
  readonly #status: Status;
  readonly #live = new Map<number, LiveEntry>();
  readonly #collected: FinalizationRegistry<number>;
  #next = 1;

  constructor(api: CApi, status: Status) {
    this.#api = api;
    this.#status = status;
    this.#collected = new FinalizationRegistry((id) => this.delete(id));
  }

  get size(): number {
    return this.#live.size;
  }

  /** Takes ownership of a handle. */
  add(handle: HandlePointer): TensorEntry {
    const rank = this.#api.TFE_TensorHandleNumDims(handle, this.#status.pointer);
    this.#status.check('shape of a tensor');
    const shape = Array.from({ length: rank }, (_, index) =>
      Number(this.#api.TFE_TensorHandleDim(handle, index, this.#status.pointer)),
    );
    const entry = { id: this.#next++, shape, dtype: this.#api.TFE_TensorHandleDataType(handle), handle };
    this.#live.set(entry.id, entry);
    return entry;
  }

  has(id: number): boolean {
    return this.#live.has(id);
  }

  /** @throws {EngineError} `NATIVE_ARGUMENT` for an id that is not (or no longer) alive */
  get(id: number): LiveEntry {
    const entry = this.#live.get(id);
    if (entry === undefined)
      throw new EngineError(
        'NATIVE_ARGUMENT',
        `There is no native tensor ${id}: it was disposed, or belongs to a disposed engine.`,
      );
    return entry;
  }

  /** Frees the tensor when `owner` is collected without having been disposed. */
  freeWith(owner: object, id: number): void {
    this.#collected.register(owner, id);
  }

  delete(id: number): void {
    const entry = this.#live.get(id);
    if (entry === undefined) return;
    this.#live.delete(id);
    this.#api.TFE_DeleteTensorHandle(entry.handle);
  }

  clear(): void {
    for (const id of [...this.#live.keys()]) this.delete(id);
  }
}
