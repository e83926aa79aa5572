import {
  DatasetPluginToken,
  EncoderPluginToken,
  HeadPluginToken,
  type DatasetPlugin,
  type EncoderPlugin,
  type AnyHeadPlugin,
  type PluginRole,
} from '@multichexnet/core';
import { Container } from 'inversify';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { builtInModules } from './create-container.js';

/** One plugin with where it comes from. */
export interface PluginDescription {
  readonly role: PluginRole;
  readonly kind: string;
  /** npm package, or the file that a config names. */
  readonly package: string;
  readonly version?: string;
  /** JSON Schema of its options. */
  readonly options: object;
}

type AnyPlugin = AnyHeadPlugin | EncoderPlugin | DatasetPlugin;

/** What comes with the command, read from the same modules that the container loads. */
export function describeBuiltIns(): PluginDescription[] {
  return Object.entries(builtInModules).flatMap(([name, module]) => {
    const container = new Container();
    container.load(module);
    const version = versionOf(name);
    const describe = (role: PluginRole, plugins: readonly AnyPlugin[]): PluginDescription[] =>
      plugins.map((plugin) => ({ role, kind: plugin.kind, package: name, version, options: plugin.options as object }));
    return [
      ...describe('encoder', container.getAll(EncoderPluginToken)),
      ...describe('head', container.getAll(HeadPluginToken)),
      ...describe('dataset', container.getAll(DatasetPluginToken)),
    ];
  });
}

function versionOf(name: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
