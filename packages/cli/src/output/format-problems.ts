import type { DataProblem } from '@multichexnet/core';
import { wrap, type Style } from './style.js';
import { plural } from './words.js';

const SHOWN = 20;

/** Whether any of them is more than odd. */
export function hasErrors(problems: readonly DataProblem[]): boolean {
  return problems.some(({ warning }) => warning !== true);
}

/** The first of them, and how many there are. */
export function formatProblems(problems: readonly DataProblem[], style: Style): string[] {
  if (problems.length === 0) return [style.green('no problems')];
  const lines = problems
    .slice(0, SHOWN)
    .flatMap(({ code, file, line, message, warning }) => [
      `${warning === true ? style.yellow('warning') : style.red('error')} ${style.bold(code)}  ${file}${line === undefined ? '' : `:${line}`}`,
      wrap(message, style.width, '  '),
    ]);
  const more = problems.length > SHOWN ? `, of which ${SHOWN} are shown; --json lists all` : '';
  return [...lines, `${plural(problems.length, 'problem')}${more}`];
}
