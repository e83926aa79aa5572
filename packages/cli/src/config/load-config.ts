import { MultichexnetError, readConfigFile, type ConfigFile } from '@multichexnet/core';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { findKeyLine } from './find-key-line.js';
import { importFrom } from './import-from.js';
import { loadPlugins, type LoadedPlugins } from './load-plugins.js';

/** A config as written, its plugins apart. */
export interface LoadedConfig extends ConfigFile {
  readonly plugins: LoadedPlugins;
}

/**
 * Reads a config: JSON and YAML as data, TypeScript and JavaScript by importing their default export.
 * @throws MultichexnetError CONFIG_*, PLUGIN_*
 */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const source = ['.json', '.yaml', '.yml'].includes(extname(file))
    ? await readConfigFile(file)
    : await importConfig(file);
  const { plugins, ...value } = source.value;
  return { ...source, value: plainCopy(value, file), plugins: await loadPlugins(plugins, file) };
}

async function importConfig(file: string): Promise<ConfigFile> {
  let module: Record<string, unknown>;
  try {
    module = await importFrom(file, file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = /:(\d+):\d+: ERROR: (.*)/.exec(message);
    throw new MultichexnetError(
      line === null ? 'CONFIG_IMPORT' : 'CONFIG_SYNTAX',
      line?.[2] ?? `the config cannot be imported: ${message}`,
      { file, ...(line === null ? {} : { line: Number(line[1]) }) },
      { cause: error },
    );
  }
  const source = await readFile(file, 'utf8');
  const value = module['default'];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MultichexnetError(
      'CONFIG_NOT_AN_OBJECT',
      'the config has no default export: export default defineConfig({ ... })',
      {
        file,
      },
    );
  return { file, value: value as Record<string, unknown>, lineOf: (path) => findKeyLine(source, path) };
}

function plainCopy(value: Record<string, unknown>, file: string): Record<string, unknown> {
  try {
    return structuredClone(value);
  } catch (error) {
    throw new MultichexnetError(
      'CONFIG_TYPE',
      `a config holds plain data beside its plugins: ${(error as Error).message}`,
      {
        file,
      },
    );
  }
}
