import { EngineError } from '../errors.js';

/** Runs asynchronous native calls one after the other, and knows whether one is under way. */
export class CallQueue {
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  get busy(): boolean {
    return this.#pending > 0;
  }

  /** Appends a call, which begins at once where none is under way; a call that fails does not stop the ones behind it. */
  add<T>(call: () => Promise<T>): Promise<T> {
    const idle = !this.busy;
    this.#pending++;
    const result = (idle ? call() : this.#last.then(call)).finally(() => this.#pending--);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Runs `read` when all calls added so far are done. */
  whenIdle<T>(read: () => T): Promise<T> {
    if (!this.busy) return new Promise((resolve) => resolve(read())); // at once: the next call may begin in this very tick
    return this.#last.then(read);
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
