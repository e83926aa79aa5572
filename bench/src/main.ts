import type { Benchmark } from './benchmark.js';
import { BenchError } from './errors.js';
import { interleave, type Entry } from './interleave.js';
import { describeMachine } from './machine.js';
import { parseOptions, type Options } from './options.js';
import { benchmarks } from './registry.js';
import { formatResult } from './report.js';
import { appendResult, type Result } from './results.js';
import { writeDocs } from './write-docs.js';

async function measure(benchmark: Benchmark, options: Options): Promise<Result> {
  const machine = describeMachine();
  await benchmark.prepare?.();
  const contenders = benchmark.contenders(options);
  const entries = await interleave(contenders, options.rounds ?? benchmark.rounds, (line) => console.error(line));
  const named = Object.fromEntries(entries.map((entry): [string, Entry] => [entry.name, entry]));
  const { ratios, checks } = benchmark.conclude(named);
  return {
    benchmark: benchmark.name,
    date: new Date().toISOString(),
    machine,
    settings: benchmark.settings,
    ratios,
    checks,
    ok: checks.every(({ ok }) => ok),
    entries,
  };
}

function usage(): string {
  return [
    'npm run bench -- NAME [--json] [--peers] [--rounds N] [--no-record]',
    '',
    ...benchmarks.map(({ name, what }) => `  ${name.padEnd(10)}${what}`),
    '',
    '  --json       one JSON document on stdout; progress goes to stderr',
    '  --peers      also run PyTorch, Keras, ... (bench/prepare-peers.sh installs them)',
    '  --rounds N   how often each contender has its turn',
    '  --no-record  do not append the result to bench/results',
  ].join('\n');
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(argv);
    if (options.help) {
      console.log(usage());
      return 0;
    }
    const benchmark = benchmarks.find(({ name }) => name === options.name);
    if (benchmark === undefined) {
      const names = benchmarks.map(({ name }) => name).join(', ');
      throw new BenchError('BENCH_USAGE', `there is no benchmark "${options.name}"; there are ${names}`);
    }
    const result = await measure(benchmark, options);
    if (options.record) {
      console.error(`appended to ${appendResult(result)}`);
      await writeDocs();
    }
    console.log(options.json ? JSON.stringify(result, null, 2) : formatResult(result));
    return 0;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    console.error(`${error.code}: ${error.message}`);
    return error.code === 'BENCH_USAGE' ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
