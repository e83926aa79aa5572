import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MultichexnetError } from '../errors.js';

/**
 * Looks for what makes a root one of this layout: of each group, the first name that is there.
 * @throws MultichexnetError `DATA_ROOT_MISSING` when a group has none
 */
export async function requireRoot(
  kind: string,
  root: string,
  groups: readonly (readonly string[])[],
  layout: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const names of groups) {
    let present: string | undefined;
    for (const name of names) if (present === undefined && (await exists(join(root, name)))) present = name;
    if (present === undefined) {
      const what = (await exists(root)) ? `has no ${names.join(' or ')}` : 'does not exist';
      const message = `${root} ${what}; the root of ${kind} holds:\n${layout.map((line) => `  ${line}`).join('\n')}`;
      throw new MultichexnetError('DATA_ROOT_MISSING', message, { file: root });
    }
    found.push(present);
  }
  return found;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
