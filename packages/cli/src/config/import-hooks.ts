import { readFileSync } from 'node:fs';
import type { LoadHookContext, ResolveHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Hooks of Node's module loader; they run on its thread. */

export const PREFIX = 'multichexnet-import:';
const TYPESCRIPT = /^file:.*\.[cm]?ts(\?|$)/;

interface Resolved {
  url: string;
  format?: string | null;
}

/** `multichexnet-import:specifier=...&parent=...` is resolved as `parent` would. */
export async function resolve(
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context: ResolveHookContext) => Promise<Resolved>,
): Promise<Resolved> {
  const from = specifier.startsWith(PREFIX) ? new URLSearchParams(specifier.slice(PREFIX.length)) : undefined;
  const resolved =
    from === undefined
      ? await resolveOrOwn(specifier, context, next)
      : await next(from.get('specifier') ?? '', { ...context, parentURL: from.get('parent') ?? undefined });
  return isModule(resolved.url, from !== undefined) ? { ...resolved, format: 'module' } : resolved;
}

/** What a plugin imports in every case; one in a folder without node_modules gets this program's own. */
const OWN = /^(@multichexnet\/|@tensorflow\/tfjs$)/;

async function resolveOrOwn(
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context: ResolveHookContext) => Promise<Resolved>,
): Promise<Resolved> {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!OWN.test(specifier)) throw error;
    return next(specifier, { ...context, parentURL: import.meta.url }).catch(() => {
      throw error;
    });
  }
}

export function load(
  url: string,
  context: LoadHookContext,
  next: (url: string, context: LoadHookContext) => Promise<unknown>,
): Promise<unknown> {
  return next(url, context.format !== 'module' && isModule(url, true) ? { ...context, format: 'module' } : context);
}

/** TypeScript always; a .js file that is asked for by name when it is written as a module, whatever the package.json above it says. */
function isModule(url: string, named: boolean): boolean {
  if (TYPESCRIPT.test(url)) return true;
  if (!named || !/^file:.*\.js$/.test(url) || url.includes('/node_modules/')) return false;
  return /^\s*(import\s|export\s)/m.test(readFileSync(fileURLToPath(url), 'utf8'));
}
