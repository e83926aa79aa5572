/**
 * `npm test`: TensorFlow's library first (fetched once), then every test. Packages without native code run side by side; those that load TensorFlow, which
 * uses every core by itself, run one file after the other; the tests that drive the command come last.
 * Arguments go to vitest: `npm test -- --project core`, `npm test -- packages/imaging`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const LIGHT = [
  'imaging',
  'metrics',
  'dataset-chestxray14',
  'dataset-covid',
  'dataset-folder',
  'dataset-rsna',
  'dataset-siim',
  'tools',
];
const LAST = ['e2e'];

const args = process.argv.slice(2);
if (run(['packages/cli/bin/multichexnet.mjs', 'setup']) !== 0) process.exit(1);

const groups =
  args.length > 0
    ? [args]
    : [
        only(LIGHT),
        [...only(projects().filter((name) => !LIGHT.includes(name) && !LAST.includes(name))), '--maxWorkers', '1'],
        only(LAST),
      ];
// Every group runs, so that one failure does not hide another.
const codes = groups.map((group) => run(['node_modules/vitest/vitest.mjs', 'run', ...group]));
process.exit(Math.max(...codes));

function only(names) {
  return names.flatMap((name) => ['--project', name]);
}

/** Names of the vitest projects, as their configs give them. */
function projects() {
  const folders = ['packages', 'packages/datasets', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
  );
  return [...folders, join(root, 'tools'), join(root, 'e2e')].flatMap((folder) => {
    const config = join(folder, 'vitest.config.ts');
    return existsSync(config) ? (/packageTests\('([^']+)'/.exec(readFileSync(config, 'utf8'))?.[1] ?? []) : [];
  });
}

function run(command) {
  const { status, signal } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (signal !== null) process.exit(130);
  return status ?? 1;
}
