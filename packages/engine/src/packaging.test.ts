import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const workspace = join(root, '../..');
let folder: string;

beforeAll(() => {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  folder = mkdtempSync(join(root, 'node_modules/.packaging-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
}

test('nothing that the published package depends on has an install script', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const lock = JSON.parse(readFileSync(join(workspace, 'package-lock.json'), 'utf8')) as {
    packages: Record<
      string,
      {
        hasInstallScript?: boolean;
        dependencies?: Record<string, string>;
        optionalDependencies?: Record<string, string>;
      }
    >;
  };
  const seen = new Set<string>();
  const visit = (name: string) => {
    const entry = lock.packages[`node_modules/${name}`];
    if (seen.has(name) || name.startsWith('@multichexnet/')) return;
    seen.add(name);
    expect(entry, name).toBeDefined();
    expect(entry!.hasInstallScript, name).toBeUndefined();
    for (const next of Object.keys({ ...entry!.dependencies, ...entry!.optionalDependencies })) visit(next);
  };
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) visit(name);
  expect([...seen].sort()).toEqual(['@koromix/koffi-linux-x64', 'pend', 'yauzl']);
});

test('the bundled kernels need tfjs alone, and compute', async () => {
  const bundle = join(folder, 'package/dist/kernels.cjs');
  await run(process.execPath, [join(root, 'packaging/bundle-kernels.mjs'), '--out', bundle]);
  const required = [...readFileSync(bundle, 'utf8').matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1]!);
  expect(new Set(required.filter((name) => !builtinModules.includes(name)))).toEqual(new Set(['@tensorflow/tfjs']));

  // As installed from a registry: no tfjs-node-gpu and no koffi within reach, on the paths that Node looks at.
  const { build } = await import('esbuild');
  const engine = join(folder, 'package/dist/backend/engine.mjs');
  await build({
    entryPoints: [join(root, 'src/index.ts')],
    outfile: engine,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    conditions: ['@multichexnet/source'],
  });
  const modules = join(folder, 'package/node_modules');
  for (const name of ['@tensorflow/tfjs', '@koromix/koffi-linux-x64', 'yauzl']) {
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(join(workspace, 'node_modules', name), join(modules, name));
  }
  const program = join(folder, 'package/dist/backend/program.mjs');
  writeFileSync(
    program,
    `import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    for (const name of Object.keys(require.cache)) if (name.includes('tfjs-node-gpu')) throw new Error(name);
    const tf = require('@tensorflow/tfjs');
    const { createEngine } = await import('./engine.mjs');
    await createEngine();
    if (Object.keys(require.cache).some((name) => name.includes('tfjs-node-gpu'))) throw new Error('tfjs-node-gpu was loaded');
    process.stdout.write(String(tf.ones([2, 3]).matMul(tf.ones([3, 2])).topk(1).values.sum().dataSync()[0]));`,
  );
  const { stdout, stderr } = await run(process.execPath, [program]);
  expect(stdout).toBe('6');
  expect(stderr).toBe('');
  expect(existsSync(engine)).toBe(true);
});
