import { RunStore } from './run-store.js';

/** A run that another process writes: what is written here goes nowhere. */
export class ReadingStore extends RunStore {
  override writeJson(): Promise<void> {
    return Promise.resolve();
  }

  override writeText(): Promise<void> {
    return Promise.resolve();
  }

  override remove(): Promise<void> {
    return Promise.resolve();
  }

  override log(): Promise<void> {
    return Promise.resolve();
  }

  override lock(): Promise<() => Promise<void>> {
    return Promise.resolve(() => Promise.resolve());
  }
}
