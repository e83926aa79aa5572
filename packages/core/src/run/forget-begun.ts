import type { RunStore } from './run-store.js';

/** What a run writes before its first step. */
const BEGUN = ['config.json', 'run.json', 'log.jsonl', 'phases'] as const;

/** To be called before a run writes. @returns what removes all that it has begun since; of a run that was there it removes nothing */
export async function forgetsBegun(store: RunStore): Promise<() => Promise<void>> {
  if (await store.exists('config.json')) return () => Promise.resolve();
  const there = await Promise.all(BEGUN.map((name) => store.exists(name)));
  return async () => {
    for (const [i, name] of BEGUN.entries()) if (there[i] === false) await store.remove(name);
  };
}
