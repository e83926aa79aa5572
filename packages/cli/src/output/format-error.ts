import { relative, isAbsolute } from 'node:path';
import { wrap, type Style } from './style.js';

/** One problem as it is printed; the same words in both forms. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly path?: string;
}

export interface Failure {
  readonly problems: readonly Problem[];
  /** Found before anything was started. */
  readonly early: boolean;
  readonly exitCode: number;
}

/** The `error` of a document, and every problem. */
export function failureDocument({ problems }: Failure): { error: Problem; problems: readonly Problem[] } {
  return { error: problems[0] as Problem, problems };
}

/** More would push the first ones off the screen; `--json` lists all. */
const SHOWN = 20;

/** `error CODE  file:line  path` with the message below it, for the first problems. */
export function formatFailure({ problems, early }: Failure, style: Style): string {
  const lines = problems.slice(0, SHOWN).map(({ code, message, file, line, path }) => {
    const place = file === undefined ? undefined : `${shortPath(file)}${line === undefined ? '' : `:${line}`}`;
    const head = [`${style.red('error')} ${style.bold(code)}`, place, path].filter(
      (part) => part !== undefined && part !== '',
    );
    return `${head.join('  ')}\n${wrap(message, style.width, '  ')}`;
  });
  if (problems.length > SHOWN) lines.push(`and ${problems.length - SHOWN} more; --json lists all`);
  if (early) lines.push(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}; nothing was started.`);
  return lines.join('\n');
}

/** Relative to the working directory where it is below it. */
export function shortPath(file: string, cwd = process.cwd()): string {
  const short = relative(cwd, file);
  return short === '' ? '.' : short.startsWith('..') || isAbsolute(short) ? file : short;
}

/** How a command ended that was asked to, or lost what it needs; a scheduler starts those above 127 again. */
const ENDED: Readonly<Record<string, number>> = {
  INTERRUPTED: 130,
  RUN_PREEMPTED: 143,
  PEER_LOST: 200,
  PEER_MISSING: 200,
  DISK_FULL: 200,
};
/** Mistakes in a command or a config; everything else failed while it was done. */
const USAGE =
  /^(CLI|CONFIG|EXPLAIN|PROTOCOL|PLUGIN|SCHEDULE|RESUME)_|^(RUN_EXISTS|RUN_NOT_FOUND|RUN_UNKNOWN_PHASE|DATA_ROOT_MISSING|RANKS_BATCH|RANKS_DIFFER|SPLIT_FRACTIONS|PHANTOM_OPTIONS|PHANTOM_EXISTS|ENCODER_WEIGHTS_FILE)$/;

/**
 * What the user is told about anything thrown. Read by shape, since the classes live in packages that are not loaded here: `code`, core's `place` and
 * `problems`, imaging's `path`.
 */
export function describeFailure(thrown: unknown): Failure {
  const several = listOf(thrown, 'problems');
  const problems = several === undefined || several.length === 0 ? [toProblem(thrown)] : several.map(toProblem);
  const codes = problems.map(({ code }) => code);
  return {
    problems,
    early: several !== undefined && several.length > 0,
    exitCode:
      codes.map((code) => ENDED[code]).find((code) => code !== undefined) ??
      (codes.some((code) => USAGE.test(code)) ? 2 : 1),
  };
}

export function toProblem(thrown: unknown): Problem {
  if (!(thrown instanceof Error)) return { code: 'INTERNAL', message: `something threw ${String(thrown)}` };
  const fields = thrown as Error & { code?: unknown; place?: object; path?: unknown };
  if (typeof fields.code !== 'string')
    return {
      code: 'INTERNAL',
      message: `${thrown.name}: ${thrown.message}\nThis is a defect; --debug prints the stack.`,
    };
  const { code } = fields;
  // The place stands in the line above.
  const message = without(
    without(thrown.message, `${code}: `),
    typeof fields.path === 'string' ? `${fields.path}: ` : '',
  );
  const place = fields.place ?? (typeof fields.path === 'string' ? { file: fields.path } : {});
  const given = Object.entries(place).filter(
    ([key, value]) => ['file', 'line', 'path'].includes(key) && value !== undefined,
  );
  return { code, message, ...Object.fromEntries(given) };
}

function without(text: string, start: string): string {
  return text.startsWith(start) ? text.slice(start.length) : text;
}

function listOf(thrown: unknown, key: string): readonly unknown[] | undefined {
  const value: unknown = thrown instanceof Error ? (thrown as unknown as Record<string, unknown>)[key] : undefined;
  return Array.isArray(value) ? value : undefined;
}
