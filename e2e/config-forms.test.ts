import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { json, root, temporary } from './command.ts';

interface Failed {
  readonly problems: readonly { code: string; message: string; path?: string; line?: number }[];
}

let folder: string;

/** A mistake on line 6 in each form. The folder's package.json says nothing of modules, as `npm init` leaves it. */
const WRITTEN = `{
  "datasets": { "rsna": { "kind": "rsna", "root": "nowhere" } },
  "model": {
    "encoder": { "kind": "densenet", "size": 64 },
    "heads": {
      "det": { "kind": "det", "ancors": 3 }
    }
  },
  "train": { "schedule": { "kind": "joint", "turns": [{ "dataset": "rsna", "heads": ["det"] }] }, "steps": 1 }
}
`;
const FORMS: Readonly<Record<string, string>> = {
  'c.json': WRITTEN,
  'c.yaml': WRITTEN,
  'c.ts': `import { defineConfig } from '@multichexnet/cli'; export default defineConfig(${WRITTEN.trim()} as never);`,
  'c.mts': `import { defineConfig } from '@multichexnet/cli'; export default defineConfig(${WRITTEN.trim()} as never);`,
  'c.js': `import { defineConfig } from '@multichexnet/cli'; export default defineConfig(${WRITTEN});`,
  'c.cjs': `module.exports = ${WRITTEN};`,
};

beforeAll(async () => {
  folder = await temporary();
  await mkdir(join(folder, 'node_modules'));
  await symlink(join(root, 'node_modules/@multichexnet'), join(folder, 'node_modules/@multichexnet'));
  await writeFile(join(folder, 'package.json'), '{ "name": "users-project" }');
  for (const [name, text] of Object.entries(FORMS)) await writeFile(join(folder, name), text);
});

test.each(Object.keys(FORMS))('%s is read, and its mistake found on its line', async (name) => {
  const { code, document } = await json<Failed>(['config', 'check', name], { cwd: folder });
  expect(code).toBe(2);
  expect(document.problems).toMatchObject([
    { code: 'CONFIG_UNKNOWN_KEY', path: 'model.heads.det.ancors', line: 6 },
    { code: 'DATA_ROOT_MISSING', path: 'datasets.rsna.root', line: 2 },
  ]);
});

test.each([
  ['syntax.ts', 'export default {\n', 'CONFIG_SYNTAX'],
  ['throws.ts', 'throw new Error("boom");\n', 'CONFIG_IMPORT'],
  ['three.ts', 'export default 3;\n', 'CONFIG_NOT_AN_OBJECT'],
  ['function.ts', 'export default { model: () => 1 };\n', 'CONFIG_TYPE'],
  ['plugin.json', '{ "plugins": ["./throws.ts"] }', 'PLUGIN_IMPORT'],
  ['none.json', '{ "plugins": ["no-such-package"] }', 'PLUGIN_IMPORT'],
  ['three.json', '{ "plugins": ["./three.ts"] }', 'PLUGIN_INVALID'],
])('%s is refused by %s', async (name, text, expected) => {
  await writeFile(join(folder, name), text);
  const { code, document } = await json<{ error: { code: string; file?: string } }>(['config', 'check', name], {
    cwd: folder,
  });
  expect([code, document.error.code, document.error.file]).toEqual([2, expected, join(folder, name)]);
});
