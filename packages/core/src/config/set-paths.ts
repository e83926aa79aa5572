import { MultichexnetError } from '../errors.js';
import { suggestion } from '../plugin/nearest.js';
import { splitPath } from './config-path.js';
import { setPath } from './set-path.js';

/** Where a config or a protocol gives names of its own, and what they name. */
const NAMES = [
  ['datasets', 'dataset'],
  ['model.heads', 'head'],
  ['phases', 'phase'],
  ['tables', 'table'],
] as const;

/** Problems as they were, but those of a name that only `--set` made come after the slip of the fingers that it most likely is. */
export type TellSlips = (problems: readonly MultichexnetError[]) => MultichexnetError[];

/**
 * Applies every `path=value` of `--set`. A path makes what it does not find, so that `phases.clasifier.steps=10` is a new phase: where that has
 * problems, what comes back says that there is no phase of that name, names the nearest and lists the others.
 * @throws MultichexnetError CLI_SET_INVALID
 */
export function setPaths(target: Record<string, unknown>, assignments: readonly string[]): TellSlips {
  const before = NAMES.map(([place, what]) => ({ place, what, known: namesAt(target, place) }));
  for (const assignment of assignments) setPath(target, assignment);
  const made = before.flatMap(({ place, what, known }) =>
    namesAt(target, place)
      .filter((name) => !known.includes(name))
      .map((name) => ({ path: `${place}.${name}`, name, what, known })),
  );
  return (problems) => {
    const slips = made.flatMap(({ path, name, what, known }) => {
      const own = problems.filter(({ place }) => isWithin(place.path, path));
      if (own.length === 0) return [];
      const near = suggestion(name, known);
      const all = near.startsWith('known') ? near : `${near} ${what}s: ${known.join(', ')}`;
      const message = `--set: there is no ${what} "${name}"; ${all}`;
      return [{ own, slip: new MultichexnetError('CLI_SET_INVALID', message, { ...own[0]?.place, path }) }];
    });
    const told = new Set(slips.flatMap(({ own }) => own));
    const all = slips.flatMap(({ own, slip }) => [slip, ...own]);
    return [...all, ...problems.filter((problem) => !told.has(problem))];
  };
}

function namesAt(value: unknown, place: string): string[] {
  let at: unknown = value;
  for (const key of place.split('.'))
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : {};
  return typeof at === 'object' && at !== null ? Object.keys(at) : [];
}

function isWithin(path: string | undefined, outer: string): boolean {
  const keys = splitPath(path ?? '').map(String);
  return splitPath(outer).every((key, i) => String(key) === keys[i]);
}
