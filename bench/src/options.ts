import { parseArgs } from 'node:util';
import { BenchError } from './errors.js';

export interface Options {
  readonly name: string;
  /** One JSON document on stdout instead of a table. */
  readonly json: boolean;
  /** Also run the Python libraries. */
  readonly peers: boolean;
  readonly rounds: number | undefined;
  /** Append to bench/results. */
  readonly record: boolean;
  readonly help: boolean;
}

/** @throws {BenchError} BENCH_USAGE */
export function parseOptions(argv: readonly string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        peers: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        'no-record': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (positionals.length > 1) throw new TypeError(`one name at a time, got ${positionals.join(' ')}`);
    return {
      name: positionals[0] ?? '',
      json: values.json,
      peers: values.peers,
      rounds: values.rounds === undefined ? undefined : parseRounds(values.rounds),
      record: !values['no-record'],
      help: values.help || positionals.length === 0,
    };
  } catch (error) {
    throw new BenchError('BENCH_USAGE', error instanceof Error ? error.message : String(error));
  }
}

function parseRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
    throw new TypeError(`--rounds takes a whole number from 1 to 100, got "${text}"`);
  return rounds;
}
