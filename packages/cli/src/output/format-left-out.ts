import type { RunResult } from '@multichexnet/core';
import { join } from 'node:path';
import { shortPath } from './format-error.js';
import { wrap, type Style } from './style.js';
import { plural } from './words.js';

/** A line where files could not be read and were left out. */
export function formatLeftOut({ run, leftOut = [] }: Pick<RunResult, 'run' | 'leftOut'>, style: Style): string[] {
  if (leftOut.length === 0) return [];
  const text = `left out, since unreadable: ${plural(leftOut.length, 'file')}, listed in ${shortPath(join(run, 'left-out.json'))}`;
  return [wrap(text, style.width, '')];
}
