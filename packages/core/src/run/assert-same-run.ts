import { MultichexnetError } from '../errors.js';
import { changedFields, isBelow } from './changed-fields.js';
import type { RunStore } from './run-store.js';

/** What no phase is trained by: where the data lies (its content is in each phase's hash), how it is read, and what is printed. */
const FREE = [
  'datasets.*.root',
  'patientMap',
  'workers',
  'prefetch',
  'cache',
  'description',
  'note',
  'tables',
  'resamples',
];
const SHOWN_CHANGES = 12;

/** A run is never mixed with another one silently. @throws MultichexnetError RESUME_NOTHING, RUN_EXISTS */
export async function assertFolderFits(store: RunStore, resume: boolean): Promise<void> {
  const earlier = await store.exists('config.json');
  const at = { file: store.folder };
  if (!earlier && resume)
    throw new MultichexnetError('RESUME_NOTHING', 'there is no run to go on with; leave out --resume to start one', at);
  if (earlier && !resume)
    throw new MultichexnetError(
      'RUN_EXISTS',
      'there is a run in this folder already; go on with it by --resume, or choose another --out',
      at,
    );
}

/** A run that goes on is the same run. @throws MultichexnetError RESUME_CHANGED with every field that is not as it was */
export async function assertUnchanged(store: RunStore, protocol: object, allowed: readonly string[]): Promise<void> {
  const earlier = await store.readJson('config.json');
  if (earlier === undefined) return;
  // Through JSON, as the earlier one went.
  const changes = changedFields(earlier, JSON.parse(JSON.stringify(protocol))).filter(
    ({ path }) => !isBelow(path, [...FREE, ...allowed]),
  );
  if (changes.length === 0) return;
  const show = (value: unknown): string => (value === undefined ? 'not there' : JSON.stringify(value));
  const lines = changes
    .slice(0, SHOWN_CHANGES)
    .map(({ path, before, after }) => `${path}: was ${show(before)}, now ${show(after)}`);
  if (changes.length > SHOWN_CHANGES) lines.push(`and ${changes.length - SHOWN_CHANGES} more`);
  throw new MultichexnetError(
    'RESUME_CHANGED',
    `this is not the run that was begun:\n${lines.join('\n')}\nLet each change through by --allow-change PATH (what depends on it is done again), or choose another --out`,
    { file: store.folder },
  );
}
