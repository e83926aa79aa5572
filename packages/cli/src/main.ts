import { formatCommandHelp, formatOverview } from './arguments/help.js';
import { parseCommandLine, type CommandLine } from './arguments/parse-arguments.js';
import { commands } from './command-list.js';
import type { CommandResult, CommandSpec } from './command.js';
import { CliError } from './errors.js';
import { describeFailure, failureDocument, formatFailure } from './output/format-error.js';
import { ProgressLogger } from './output/progress-logger.js';
import { createStyle } from './output/style.js';
import { VERSION } from './version.js';

/** By signal; Slurm's SIGUSR1 tells a job to end. */
const ENDED = { SIGINT: 130, SIGTERM: 143, SIGUSR1: 143 } as const;

/** Runs one command and ends the process: 0 done, 1 failed, 2 usage or config error, 130 interrupted, 143 ended by a scheduler, 200 another rank lost or the disk full. */
export async function main(argv: readonly string[]): Promise<never> {
  const output = claimOutput(argv.includes('--json'));
  let code: number;
  try {
    code = await dispatch(await parseCommandLine(argv, commands, suggest), output);
  } catch (error) {
    code = reportFailure(error, argv, output);
  }
  // Native threads would keep the process alive.
  await output.flushed();
  process.exit(code);
}

/** Where results go. */
interface Output {
  readonly json: boolean;
  /** The document or the text: one a process. */
  readonly result: (text: string) => void;
  /** Resolves when stdout has taken everything. */
  readonly flushed: () => Promise<void>;
}

/**
 * With `--json` stdout belongs to the document: whatever else is written there, by a plugin say, goes to stderr. A reader that has gone (`| head`) ends the
 * process without a word; one of stderr does not.
 */
function claimOutput(json: boolean): Output {
  const write = process.stdout.write.bind(process.stdout);
  if (json) process.stdout.write = process.stderr.write.bind(process.stderr);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  process.stderr.on('error', () => undefined);
  return {
    json,
    result: (text) => void write(`${text}\n`),
    flushed: () => new Promise((resolve) => write('', () => resolve())),
  };
}

async function dispatch({ command, args }: CommandLine<CommandSpec>, output: Output): Promise<number> {
  const style = createStyle(process.stdout, process.env);
  if (args.flag('version')) {
    output.result(output.json ? JSON.stringify({ version: VERSION }) : VERSION);
    return 0;
  }
  if (command === undefined && !args.flag('help') && output.json)
    throw new CliError('CLI_MISSING_ARGUMENT', '--json wants a command: multichexnet --help lists them');
  if (command === undefined || args.flag('help')) {
    output.result(command === undefined ? formatOverview(commands, style) : formatCommandHelp(command, style));
    return command === undefined && !args.flag('help') ? 2 : 0;
  }
  const logger = new ProgressLogger({
    write: (text) => void process.stderr.write(text),
    live: process.stderr.isTTY && process.env['TERM'] !== 'dumb',
    quiet: args.flag('quiet'),
    style: createStyle(process.stderr, process.env),
  });
  const signal = listenForInterrupt(command, (message) => logger.warn(message));
  let result: CommandResult;
  try {
    const { run } = await command.load();
    result = await run({ args, logger, signal, style });
  } finally {
    logger.close();
  }
  const text = output.json ? JSON.stringify(result.document, null, 2) : result.text(style);
  if (text !== '') output.result(text);
  return result.exitCode ?? 0;
}

/** The first signal asks, the second ends. Slurm announces the end of a job's time by SIGUSR1. */
function listenForInterrupt({ interruptible }: CommandSpec, say: (message: string) => void): AbortSignal {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', ...(interruptible === true ? (['SIGUSR1'] as const) : [])] as const;
  for (const name of signals)
    process.on(name, () => {
      if (interruptible !== true || controller.signal.aborted) process.exit(ENDED[name]);
      controller.abort(name);
      say('stopping after this step; once more to stop at once');
    });
  return controller.signal;
}

function reportFailure(error: unknown, argv: readonly string[], { json, result }: Output): number {
  const failure = describeFailure(error);
  if (json) result(JSON.stringify(failureDocument(failure), null, 2));
  else process.stderr.write(`${formatFailure(failure, createStyle(process.stderr, process.env))}\n`);
  if (argv.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return failure.exitCode;
}

async function suggest(name: string, known: readonly string[]): Promise<string> {
  const { suggestion } = await import('@multichexnet/core');
  return suggestion(name, known);
}
