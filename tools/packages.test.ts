import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectErrorCodes } from './error-catalogue.mjs';
import { publishedSources, root, workspacePackages } from './workspace.ts';

const packages = workspacePackages();
const shared = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: object };

test.each(packages)('$name says the same of itself as the others', ({ manifest, folder }) => {
  expect(manifest.version).toBe('0.1.0');
  expect(manifest.engines).toEqual(shared.engines);
  expect(manifest).toMatchObject({ type: 'module', license: 'Apache-2.0', sideEffects: false });
  expect(Object.keys(manifest.exports ?? {})).toEqual(['.', './package.json']);
  // Nothing runs when it is installed.
  expect(Object.keys(manifest.scripts ?? {}).filter((name) => /install|prepare/.test(name))).toEqual([]);
  const versions = Object.values(manifest.dependencies ?? {});
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const version = join(folder, 'src/version.ts');
  if (existsSync(version)) expect(readFileSync(version, 'utf8')).toContain(`'${manifest.version}'`);
});

test.each(packages)('$name exports by name, and no more than before', async ({ name, folder }) => {
  const index = readFileSync(join(folder, 'src/index.ts'), 'utf8');
  expect(index).not.toMatch(/export \*/);
  const module = (await import(join(folder, 'src/index.ts'))) as object;
  await expect(`${Object.keys(module).sort().join('\n')}\n`).toMatchFileSnapshot(
    join(root, 'tools/exports', `${name.replace('@multichexnet/', '')}.txt`),
  );
});

test('the lockfile names no registry', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; link?: boolean; hasInstallScript?: boolean }>;
  };
  const resolved = Object.values(lock.packages).flatMap((entry) => entry.resolved ?? []);
  expect(resolved.filter((value) => /^[a-z+]+:/.test(value))).toEqual([]);
});

test('every error code stands in docs/errors.md, and every code there exists', () => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `([A-Z0-9_]+)`/gm)].map((match) => match[1]);
  const codes = [...(collectErrorCodes() as Map<string, unknown>).keys()];
  expect(codes.length).toBeGreaterThan(100);
  expect(documented.sort()).toEqual(codes.sort());
});

test('no source is longer than 400 lines', () => {
  const long = packages.flatMap((entry) =>
    publishedSources(entry).filter(({ text }) => text.split('\n').filter((line) => line.trim() !== '').length > 400),
  );
  expect(long.map(({ file }) => file)).toEqual([]);
});
