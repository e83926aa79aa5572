import {
  MultichexnetError,
  type AnyHeadPlugin,
  type DatasetPlugin,
  type EncoderPlugin,
  type PluginRole,
  type PluginSet,
} from '@multichexnet/core';
import { basename } from 'node:path';
import type { PluginDescription } from '../describe-plugins.js';
import { importFrom } from './import-from.js';

export interface LoadedPlugins {
  readonly set: PluginSet;
  readonly descriptions: readonly PluginDescription[];
}

/**
 * The plugins that a config names: objects, packages, or files relative to it.
 * @throws MultichexnetError PLUGIN_IMPORT, PLUGIN_INVALID
 */
export async function loadPlugins(entries: unknown, configFile: string): Promise<LoadedPlugins> {
  if (entries === undefined) return { set: { heads: [], encoders: [], datasets: [] }, descriptions: [] };
  if (!Array.isArray(entries))
    throw new MultichexnetError('PLUGIN_INVALID', 'plugins is a list', { file: configFile, path: 'plugins' });
  const found: { role: PluginRole; plugin: object; source: string }[] = [];
  // Falsy ones are left out, lists are flattened: `plugins: [isNew && age, ...]`, presets.
  for (const [i, entry] of (entries as unknown[]).flat(Infinity).entries()) {
    if (entry === undefined || entry === null || entry === false) continue;
    const place = { file: configFile, path: `plugins[${i}]` };
    const value = typeof entry === 'string' ? await importPlugin(entry, place) : entry;
    const source = typeof entry === 'string' ? entry : basename(configFile);
    const role = roleOf(value);
    if (role === undefined)
      throw new MultichexnetError(
        'PLUGIN_INVALID',
        `${source} is no plugin: wanted what defineHead, defineEncoder or defineDataset returned, as default export of a module`,
        place,
      );
    found.push({ role, plugin: value as object, source });
  }
  const of = (role: PluginRole): object[] => found.filter((entry) => entry.role === role).map(({ plugin }) => plugin);
  return {
    set: {
      heads: of('head') as AnyHeadPlugin[],
      encoders: of('encoder') as EncoderPlugin[],
      datasets: of('dataset') as DatasetPlugin[],
    },
    descriptions: found.map(({ role, plugin, source }) => {
      const { kind, options } = plugin as EncoderPlugin;
      return { role, kind, package: source, options: options };
    }),
  };
}

async function importPlugin(specifier: string, place: { file: string; path: string }): Promise<unknown> {
  try {
    const module = await importFrom(place.file, specifier);
    return module['default'];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MultichexnetError('PLUGIN_IMPORT', `${specifier} cannot be imported: ${reason}`, place, { cause: error });
  }
}

function roleOf(value: unknown): PluginRole | undefined {
  if (typeof value !== 'object' || value === null || typeof (value as { kind?: unknown }).kind !== 'string')
    return undefined;
  const { open, create, label } = value as Record<string, unknown>;
  if (typeof open === 'function') return 'dataset';
  if (typeof create !== 'function') return undefined;
  return typeof label === 'function' ? 'head' : 'encoder';
}
