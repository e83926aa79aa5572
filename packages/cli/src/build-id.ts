import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeBuiltIns } from './describe-plugins.js';

/** What trains beside the plugins. */
const LIBRARIES = ['@multichexnet/core', '@multichexnet/engine', '@multichexnet/imaging'];

/** A hash over the code that trains, of this very installation: what other code computed is not taken for this one's. */
export async function buildId(): Promise<string> {
  const plugins = describeBuiltIns().map(({ package: name }) => name);
  const hash = createHash('sha256');
  for (const name of [...new Set([...LIBRARIES, ...plugins])].sort()) {
    const folder = dirname(fileURLToPath(import.meta.resolve(name)));
    const files = (await readdir(folder, { recursive: true }))
      .filter((file) => /(?<!\.d|\.test)\.[jt]s$/.test(file))
      .sort();
    for (const file of files) hash.update(`${name}/${file}\n`).update(await readFile(join(folder, file)));
  }
  return hash.digest('hex');
}
