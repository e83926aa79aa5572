import { expect, test } from 'vitest';
import { importedPackages, publishedSources, workspacePackages, type WorkspacePackage } from './workspace.ts';

const SCOPE = '@multichexnet/';
const packages = workspacePackages();
const short = (name: string): string => name.replace(SCOPE, '');

/** What a package may depend on of this workspace: plugins -> core <- engine, and only `cli` wires things together. */
function allowed(name: string): readonly string[] {
  if (name === 'imaging' || name === 'metrics') return [];
  if (name === 'core') return ['imaging', 'metrics'];
  if (name === 'engine' || name === 'onnx') return ['core'];
  if (name === 'testing') return ['core', 'engine', 'imaging', 'metrics'];
  if (name === 'cli') return packages.map((entry) => short(entry.name));
  if (name === 'dataset-phantom') return ['imaging', 'core'];
  if (/^(head|encoder|dataset)-/.test(name)) return ['core', 'imaging', 'metrics'];
  throw new Error(`say in this test what ${name} may depend on`);
}

/** What the engine's build puts into its own files, so that nobody installs it. */
const BUNDLED: Readonly<Record<string, readonly string[]>> = { engine: ['koffi', '@tensorflow/tfjs-node-gpu'] };
const NATIVE = ['koffi', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

test.each(packages)('$name depends only in the one direction', (entry) => {
  const wanted = allowed(short(entry.name));
  const { dependencies = {}, peerDependencies = {} } = entry.manifest;
  const own = [...Object.keys(dependencies), ...Object.keys(peerDependencies)].filter((name) => name.startsWith(SCOPE));
  expect(own.map(short).filter((name) => !wanted.includes(name))).toEqual([]);
});

test.each(packages)('$name imports what it declares, and nothing native but in the engine', (entry) => {
  const { dependencies = {}, peerDependencies = {} } = entry.manifest;
  const bundled = BUNDLED[short(entry.name)] ?? [];
  const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies), ...bundled, entry.name]);
  for (const name of bundled) expect(entry.manifest.devDependencies).toHaveProperty([name]);
  const undeclared = importsOf(entry).filter(({ name }) => !declared.has(name));
  expect(undeclared).toEqual([]);
  const native = importsOf(entry).filter(({ name }) => NATIVE.includes(name));
  if (entry.name !== '@multichexnet/engine') expect(native).toEqual([]);
});

test.each(packages)('$name declares what it imports and nothing else', (entry) => {
  // inversify wants it beside itself.
  const indirect = new Set(['reflect-metadata']);
  const imported = new Set(importsOf(entry).map(({ name }) => name));
  const unused = Object.keys(entry.manifest.dependencies ?? {}).filter(
    (name) => !imported.has(name) && !indirect.has(name),
  );
  expect(unused).toEqual([]);
});

test('core and tfjs are peers of every plugin, so that a program has one of each', () => {
  const plugins = packages.filter(({ name }) => /^@multichexnet\/(head|encoder)-/.test(name));
  expect(plugins.length).toBeGreaterThan(3);
  for (const { manifest } of plugins) {
    expect(Object.keys(manifest.peerDependencies ?? {})).toEqual(
      expect.arrayContaining(['@multichexnet/core', '@tensorflow/tfjs']),
    );
    expect(Object.keys(manifest.dependencies ?? {})).not.toContain('@multichexnet/core');
  }
});

function importsOf(entry: WorkspacePackage): { file: string; name: string }[] {
  return publishedSources(entry).flatMap(({ file, text }) =>
    importedPackages(text).map(({ name }) => ({ file: file.slice(entry.folder.length + 1), name })),
  );
}
