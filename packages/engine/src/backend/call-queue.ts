import { EngineError } from '../errors.js';

/** Runs asynchronous native calls one after the other, those that write nothing side by side, and knows whether one is under way. */
export class CallQueue {
  /** Resolves when the last call that writes, and all before it, are done. */
  #writes: Promise<unknown> = Promise.resolve();
  /** Resolves when all calls are done. */
  #all: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #pendingWrites = 0;

  get busy(): boolean {
    return this.#pending > 0;
  }

  /**
   * Appends a call, which begins at once where nothing is in its way; a call that fails does not stop the ones behind it.
   *
   * @param reads the call writes nothing: it waits for calls that write, not for others that read
   */
  add<T>(call: () => Promise<T>, reads = false): Promise<T> {
    const free = reads ? this.#pendingWrites === 0 : !this.busy;
    const before = reads ? this.#writes : this.#all;
    this.#pending++;
    if (!reads) this.#pendingWrites++;
    const result = (free ? call() : before.then(call)).finally(() => {
      this.#pending--;
      if (!reads) this.#pendingWrites--;
    });
    const done = result.then(ignore, ignore);
    this.#all = reads ? Promise.all([this.#all, done]) : done;
    if (!reads) this.#writes = done;
    return result;
  }

  /** Runs `read` when all calls added so far are done. */
  whenIdle<T>(read: () => T): Promise<T> {
    if (!this.busy) return new Promise((resolve) => resolve(read())); // at once: the next call may begin in this very tick
    return this.#all.then(read);
  }

  /** @throws {EngineError} `ENGINE_BUSY`: a running step may be writing what the caller is about to touch */
  assertIdle(what: string): void {
    if (!this.busy) return;
    throw new EngineError(
      'ENGINE_BUSY',
      `While a step runs, ${what}: which value it would get is a matter of timing. Await the step first.`,
    );
  }
}

const ignore = (): void => undefined;
