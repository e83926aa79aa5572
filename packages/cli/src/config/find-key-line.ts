import { splitPath } from '@multichexnet/core';

/**
 * The line of a config path in TypeScript or JavaScript, where the config is written as one object literal: each key is looked for behind the one before it.
 * Behind a list index it stops, since items have no keys.
 * @returns 1-based; undefined where not even the first key stands in the text
 */
export function findKeyLine(source: string, path: string): number | undefined {
  const text = blankOut(source);
  let found: number | undefined;
  for (const key of splitPath(path)) {
    if (typeof key === 'number') break;
    const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const match = new RegExp(`(?<![\\w$.])["']?${escaped}["']?\\s*:`, 'g');
    match.lastIndex = found ?? 0;
    const at = match.exec(text)?.index;
    if (at === undefined) break;
    found = at + 1;
  }
  return found === undefined ? undefined : text.slice(0, found).split('\n').length;
}

/** The same text with comments, and strings that are no keys, made of spaces. */
function blankOut(source: string): string {
  const pattern = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|(["'`])(?:\\.|(?!\1)[^\\])*\1/g;
  return source.replace(pattern, (text, quote: string | undefined, at: number) =>
    quote !== undefined && /^\s*:/.test(source.slice(at + text.length, at + text.length + 8))
      ? text
      : text.replace(/[^\n]/g, ' '),
  );
}
