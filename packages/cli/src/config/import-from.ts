import { register as registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { PREFIX } from './import-hooks.js';

let registered: Promise<void> | undefined;

/**
 * Imports a module as the file `parent` would, TypeScript too. `@multichexnet/core` stays the one instance that this process has, so that its classes and
 * registries are the same inside and outside of a config.
 */
export async function importFrom(parent: string, specifier: string): Promise<Record<string, unknown>> {
  registered ??= registerOnce();
  await registered;
  const from = new URLSearchParams({ specifier, parent: pathToFileURL(parent).href });
  return (await import(`${PREFIX}${from.toString()}`)) as Record<string, unknown>;
}

async function registerOnce(): Promise<void> {
  const { register } = await import('tsx/esm/api');
  register();
  // Last registered runs first: a .ts file is an ES module whatever the package.json above it says.
  registerHooks('./import-hooks.js', import.meta.url);
}
