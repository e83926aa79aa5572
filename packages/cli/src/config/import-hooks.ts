import type { LoadHookContext, ResolveHookContext } from 'node:module';

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
      ? await next(specifier, context)
      : await next(from.get('specifier') ?? '', { ...context, parentURL: from.get('parent') ?? undefined });
  return TYPESCRIPT.test(resolved.url) ? { ...resolved, format: 'module' } : resolved;
}

export function load(
  url: string,
  context: LoadHookContext,
  next: (url: string, context: LoadHookContext) => Promise<unknown>,
): Promise<unknown> {
  return next(url, TYPESCRIPT.test(url) ? { ...context, format: 'module' } : context);
}
