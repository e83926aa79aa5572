/** A dynamically scoped value. */
export interface Slot<T> {
  get(): T | undefined;
  /** Runs synchronous `fn` with the value set, and restores the outer one however `fn` ends. */
  run<R>(value: T, fn: () => R): R;
}

/** Kept on `globalThis`, since a plugin may bring its own copy of core and must see the context that the other copy set. */
export function createSlot<T>(name: string): Slot<T> {
  const key = Symbol.for(`@multichexnet/core/${name}`);
  const store = globalThis as { [key]?: T };
  return {
    get: () => store[key],
    run: (value, fn) => {
      const outer = store[key];
      store[key] = value;
      try {
        return fn();
      } finally {
        if (outer === undefined) delete store[key];
        else store[key] = outer;
      }
    },
  };
}
