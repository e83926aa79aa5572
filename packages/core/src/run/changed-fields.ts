/** One value that differs between two plain objects. */
export interface ChangedField {
  /** `phases.gate.learningRate.base`; members of a list that have a name are called by it. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Every leaf that is not the same in both, in the order of the first, then of the second. Plain JSON data only. */
export function changedFields(before: unknown, after: unknown): ChangedField[] {
  const [a, b] = [leaves(before), leaves(after)];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((path) => {
    const field = { path, before: a.get(path), after: b.get(path) };
    return JSON.stringify(field.before) === JSON.stringify(field.after) ? [] : [field];
  });
}

/** Whether a path is, or lies below, one of the given paths; `*` stands for any one word. */
export function isBelow(path: string, above: readonly string[]): boolean {
  const words = path.split('.');
  return above.some((given) => given.split('.').every((word, i) => word === '*' || word === words[i]));
}

function leaves(value: unknown): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const visit = (at: unknown, path: string): void => {
    if (typeof at !== 'object' || at === null) {
      if (at !== undefined) found.set(path, at);
      return;
    }
    const entries = Array.isArray(at)
      ? at.map((member, i) => [nameOf(member, i), member] as const)
      : Object.entries(at);
    // An empty object differs from none.
    if (entries.length === 0) found.set(path, at);
    for (const [key, member] of entries) visit(member, path === '' ? key : `${path}.${key}`);
  };
  visit(value, '');
  return found;
}

function nameOf(member: unknown, index: number): string {
  const name = typeof member === 'object' && member !== null && 'name' in member ? member.name : undefined;
  return typeof name === 'string' ? name : String(index);
}
