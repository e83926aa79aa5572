import { parseArgs } from 'node:util';
import { CliError } from '../errors.js';
import type { ArgumentSpec, OptionSpec } from './argument-spec.js';

export const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: { help: 'print one JSON document on stdout, everything else on stderr' },
  quiet: { help: 'no progress' },
  debug: { help: 'print the stack of an error' },
  help: { help: 'this text' },
  version: { help: 'the version' },
};

const SHORT: Readonly<Record<string, string>> = { h: 'help', V: 'version', q: 'quiet' };

/** `did you mean "x"?` or the known names; loaded when needed, since it lives in core. */
export type Suggest = (name: string, known: readonly string[]) => Promise<string>;

/** The words after the command, checked against its spec. */
export class ParsedArguments {
  private readonly positionals: readonly string[];
  private readonly values: ReadonlyMap<string, readonly (string | true)[]>;

  constructor(positionals: readonly string[], values: ReadonlyMap<string, readonly (string | true)[]>) {
    this.positionals = positionals;
    this.values = values;
  }

  /** A positional that the spec requires. */
  at(index: number): string {
    return this.positionals[index] as string;
  }

  maybeAt(index: number): string | undefined {
    return this.positionals[index];
  }

  from(index: number): readonly string[] {
    return this.positionals.slice(index);
  }

  flag(name: string): boolean {
    return this.values.has(name);
  }

  /** The last value given. */
  text(name: string): string | undefined {
    return this.list(name).at(-1);
  }

  list(name: string): readonly string[] {
    return (this.values.get(name) ?? []).filter((value) => value !== true);
  }

  /** @throws CliError CLI_OPTION_VALUE */
  whole(name: string, low: number, high = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= low && value <= high) return value;
    const wanted = high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`;
    throw new CliError('CLI_OPTION_VALUE', `--${name} wants a whole number ${wanted}, got "${text}"`);
  }
}

export interface CommandLine<C> {
  /** Absent = nothing but global options. */
  readonly command?: C;
  readonly args: ParsedArguments;
}

/**
 * Finds the command and checks everything after it. With `--help` or `--version` nothing is checked, so that help is there for who needs it.
 * @throws CliError CLI_UNKNOWN_COMMAND, CLI_UNKNOWN_OPTION, CLI_OPTION_VALUE, CLI_MISSING_ARGUMENT, CLI_EXTRA_ARGUMENT
 */
export async function parseCommandLine<C extends ArgumentSpec>(
  argv: readonly string[],
  commands: readonly C[],
  suggest: Suggest,
): Promise<CommandLine<C>> {
  const { command, rest } = await findCommand(argv, commands, suggest);
  const known = { ...command?.options, ...GLOBAL_OPTIONS };
  const { tokens } = parseArgs({
    args: rest,
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(known).map(([name, { value }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', ...shortOf(name) },
      ]),
    ),
  });
  const values = new Map<string, (string | true)[]>();
  const positionals: string[] = [];
  let unknown: string | undefined;
  let bad: CliError | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = known[token.name];
    if (spec === undefined) {
      unknown ??= token.rawName;
      continue;
    }
    if (spec.value === undefined && token.value !== undefined && spec.words?.includes(token.value) !== true)
      bad ??= new CliError('CLI_OPTION_VALUE', `${token.rawName} takes no value, got "${token.value}"`);
    if (spec.value !== undefined && token.value === undefined)
      bad ??= new CliError('CLI_OPTION_VALUE', `${token.rawName} wants a value: ${token.rawName} ${spec.value}`);
    const list = values.get(token.name) ?? [];
    values.set(token.name, [...list, token.value ?? true]);
  }
  const args = new ParsedArguments(positionals, values);
  const line = { ...(command === undefined ? {} : { command }), args };
  if (args.flag('help') || args.flag('version')) return line;
  if (unknown !== undefined) {
    const names = Object.keys(known).map((name) => `--${name}`);
    const where = command === undefined ? 'multichexnet' : `multichexnet ${command.name}`;
    throw new CliError('CLI_UNKNOWN_OPTION', `${where} has no option "${unknown}"; ${await suggest(unknown, names)}`);
  }
  if (bad !== undefined) throw bad;
  if (command !== undefined) checkPositionals(command, positionals);
  return line;
}

async function findCommand<C extends ArgumentSpec>(
  argv: readonly string[],
  commands: readonly C[],
  suggest: Suggest,
): Promise<{ command?: C; rest: string[] }> {
  // Global switches may stand before the command.
  let at = 0;
  while (at < argv.length && (argv[at] as string).startsWith('-')) at++;
  const before = argv.slice(0, at);
  const [first, second] = argv.slice(at);
  if (first === undefined) return { rest: [...before] };
  if (first === 'help') {
    const words = argv.slice(at + 1).filter((word) => !word.startsWith('-'));
    if (words.length === 0) return { rest: ['--help'] };
    return findCommand([...words, '--help'], commands, suggest);
  }
  const pair = commands.find(({ name }) => name === `${first} ${second ?? ''}`);
  if (pair !== undefined) return { command: pair, rest: [...before, ...argv.slice(at + 2)] };
  const single = commands.find(({ name }) => name === first);
  if (single !== undefined) return { command: single, rest: [...before, ...argv.slice(at + 1)] };
  const group = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (group.length > 0 && (second === undefined || second === '--help' || second === '-h'))
    throw new CliError('CLI_UNKNOWN_COMMAND', `multichexnet ${first} wants one of: ${group.join(', ')}`);
  const given = group.length > 0 ? `${first} ${second ?? ''}` : first;
  const names =
    group.length > 0 ? group : [...new Set(commands.flatMap(({ name }) => [name, name.split(' ')[0] ?? name]))];
  throw new CliError('CLI_UNKNOWN_COMMAND', `there is no command "${given}"; ${await suggest(given, names)}`);
}

function checkPositionals({ name, positionals }: ArgumentSpec, given: readonly string[]): void {
  const required = positionals.filter(({ optional }) => optional !== true).length;
  const missing = positionals[given.length];
  if (given.length < required && missing !== undefined)
    throw new CliError(
      'CLI_MISSING_ARGUMENT',
      `multichexnet ${name} wants ${missing.name}: ${missing.help} (multichexnet ${name} --help)`,
    );
  if (given.length > positionals.length && positionals.at(-1)?.many !== true)
    throw new CliError(
      'CLI_EXTRA_ARGUMENT',
      `multichexnet ${name} takes ${positionals.length === 0 ? 'no arguments' : positionals.map((spec) => spec.name).join(' ')}, got "${given[positionals.length] ?? ''}" too`,
    );
}

function shortOf(name: string): { short?: string } {
  const short = Object.entries(SHORT).find(([, long]) => long === name)?.[0];
  return short === undefined ? {} : { short };
}
