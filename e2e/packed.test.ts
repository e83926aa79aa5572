import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { json, multichexnet, root, temporary } from './command.ts';

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

let app: string;
let bin: string;
let packed: readonly Packed[];

/** The published packages unpacked as npm would, their dependencies those of the workspace. */
beforeAll(async () => {
  await multichexnet(['--version']); // builds what the command needs, behind its lock
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-b', join(root, 'packages/testing/tsconfig.lib.json')]);
  const folder = await temporary();
  const output = execFileSync('npm', ['pack', '--workspaces', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  const listed = JSON.parse(output) as Packed[] | Record<string, Packed>;
  packed = Array.isArray(listed) ? listed : Object.values(listed);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  app = join(folder, 'app');
  for (const { name, filename } of packed) {
    const home = join(app, 'node_modules', name);
    await mkdir(home, { recursive: true });
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', home, '--strip-components=1']);
  }
  bin = join(app, 'node_modules/@multichexnet/cli/bin/multichexnet.mjs');
});

test('tarballs hold what runs and what it says of itself, no sources and no tests', () => {
  expect(packed.map(({ name }) => name)).toContain('@multichexnet/cli');
  expect(packed.length).toBeGreaterThanOrEqual(15);
  for (const { name, files } of packed) {
    const paths = files.map(({ path }) => path);
    expect(paths, name).toEqual(expect.arrayContaining(['package.json', 'dist/index.js', 'dist/index.d.ts']));
    expect(paths.filter((path) => path.startsWith('src/') || /\.test\.|tsbuildinfo|node_modules/.test(path))).toEqual(
      [],
    );
  }
});

test('every package can be imported from outside of the workspace', () => {
  const names = packed.map(({ name }) => name).filter((name) => name !== '@multichexnet/testing');
  const script = `for (const name of ${JSON.stringify(names)}) {
    if (!import.meta.resolve(name).includes('/app/node_modules/')) throw new Error(name + ' is not the packed one');
    const module = await import(name);
    if (Object.keys(module).length === 0) throw new Error(name + ' exports nothing');
  }
  console.log('all imported');`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: app, encoding: 'utf8' });
  expect(output).toContain('all imported');
});

test('the packed command works: no build, its own protocols, a typed config', async () => {
  expect(existsSync(join(app, 'node_modules/@multichexnet/cli/src'))).toBe(false);
  const version = await multichexnet(['--version'], { bin, cwd: app });
  expect(version).toMatchObject({ code: 0, stderr: '', stdout: '0.1.0\n' });
  const { document } = await json<{ protocols: { name: string }[] }>(['protocol', 'list'], { bin, cwd: app });
  expect(document.protocols.map(({ name }) => name)).toContain('paper');
  await writeFile(
    join(app, 'multichexnet.config.ts'),
    `import { defineConfig } from '@multichexnet/cli';
     export default defineConfig({
       datasets: { rsna: { kind: 'rsna', root: 'nowhere' } },
       model: { encoder: { kind: 'densenet' }, heads: { det: { kind: 'det' } } },
       train: { schedule: { kind: 'joint', turns: [{ dataset: 'rsna', heads: ['det'] }] }, steps: 1 },
     });`,
  );
  const check = await json<{ problems: { code: string }[] }>(['config', 'check'], { bin, cwd: app });
  expect(check.document.problems.map(({ code }) => code)).toEqual(['DATA_ROOT_MISSING']);
  expect((await json<{ ok: boolean }>(['setup'], { bin, cwd: app })).document.ok).toBe(true);
});

test('what is published says which packages it needs', async () => {
  for (const { name } of packed) {
    const manifest = JSON.parse(await readFile(join(app, 'node_modules', name, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    for (const version of Object.values(manifest.dependencies ?? {})) expect(version).toMatch(/^\d/);
  }
});
