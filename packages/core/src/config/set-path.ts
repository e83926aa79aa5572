import { MultichexnetError } from '../errors.js';

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Applies `a.b[2].c=value` to plain data, making objects on the way. The value is read as JSON where it is JSON, else as text, so that
 * `--set train.steps=10` is a number and `--set train.precision=float32` a string.
 * @throws MultichexnetError CLI_SET_INVALID
 */
export function setPath(target: Record<string, unknown>, assignment: string): void {
  const equals = assignment.indexOf('=');
  const path = assignment.slice(0, equals);
  if (equals < 1) throw new MultichexnetError('CLI_SET_INVALID', `--set wants path=value, got "${assignment}"`);
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  if (keys.length === 0 || keys.some((key) => FORBIDDEN.has(key)))
    throw new MultichexnetError('CLI_SET_INVALID', `--set cannot write "${path}"`);
  let at: Record<string, unknown> = target;
  for (const [i, key] of keys.slice(0, -1).entries()) {
    const next = Object.hasOwn(at, key) ? at[key] : undefined;
    if (next === undefined) at[key] = /^\d+$/.test(keys[i + 1] as string) ? [] : {};
    else if (typeof next !== 'object' || next === null)
      throw new MultichexnetError(
        'CLI_SET_INVALID',
        `--set ${path}: "${keys.slice(0, i + 1).join('.')}" is ${JSON.stringify(next)}, not an object`,
      );
    at = at[key] as Record<string, unknown>;
  }
  at[keys.at(-1) as string] = parseValue(assignment.slice(equals + 1));
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
