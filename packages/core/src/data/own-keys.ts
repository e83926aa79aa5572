/** Keys of a dataset in a config that are core's: where it lies, and how much of it trains. The others are options of its adapter. */
const OWN_KEYS: ReadonlySet<string> = new Set(['root', 'fraction']);

export function separateOwnKeys(choice: Readonly<Record<string, unknown>>): {
  readonly own: Record<string, unknown>;
  readonly options: Record<string, unknown>;
} {
  const entries = Object.entries(choice).filter(([, value]) => value !== undefined);
  return {
    own: Object.fromEntries(entries.filter(([key]) => OWN_KEYS.has(key))),
    options: Object.fromEntries(entries.filter(([key]) => !OWN_KEYS.has(key))),
  };
}
