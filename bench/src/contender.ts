import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BenchError } from './errors.js';

/** One of the things that a benchmark compares: a program that measures itself in a process of its own. */
export interface Contender {
  readonly name: string;
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Rounds that it takes part in; default all. A slow one needs fewer. */
  readonly rounds?: number;
}

/** What a contender prints as the last line of its output. */
export interface Measurement {
  /** What it ran on, e.g. `tensorflow 2.21.0`. */
  readonly library: string;
  /** Milliseconds of its parts, in order of measurement; one array per part (`step`, `firstStep`, `batch1`, ...). */
  readonly times: Readonly<Record<string, readonly number[]>>;
  /** The kernel's high-water mark of its resident memory. */
  readonly peakBytes: number;
  /** Anything else worth keeping, e.g. the last loss. */
  readonly notes?: Readonly<Record<string, number | string>>;
}

const child = (name: string): string => fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
const peer = (name: string): string => fileURLToPath(new URL(`../peers/${name}.py`, import.meta.url));
const VENV_PYTHON = fileURLToPath(new URL('../.venv/bin/python', import.meta.url));

/** What a benchmark file exports as `measure` to be its own contender. */
export type MeasureFunction = (...args: string[]) => Promise<Omit<Measurement, 'peakBytes'>>;

/** A contender of our own, `children/<file>.ts`. */
export function nodeContender(name: string, label: string, file: string, args: readonly string[]): Contender {
  const flags = ['--import', 'tsx', '--conditions=@multichexnet/source', child(file)];
  return { name, label, command: process.execPath, args: [...flags, ...args], env: { TF_CPP_MIN_LOG_LEVEL: '2' } };
}

/**
 * A contender that lives in the benchmark's own file: the function that it exports as `measure`, called with `args` in a fresh process.
 * @param file `import.meta.url` of the benchmark
 */
export const ownContender = (file: string, name: string, label: string, args: readonly string[]): Contender =>
  nodeContender(name, label, 'measure', [file, ...args]);

/** `peers` holds sources alone. */
export const PYTHON_ENV = { PYTHONDONTWRITEBYTECODE: '1', TF_CPP_MIN_LOG_LEVEL: '3' };

/** A contender in Python, `peers/<file>.py`. @throws {BenchError} BENCH_PEERS_MISSING */
export function pythonContender(name: string, label: string, file: string, args: readonly string[]): Contender {
  return { name, label, command: peerPython(), args: [peer(file), ...args], env: PYTHON_ENV };
}

/** The interpreter with the peers: `MULTICHEXNET_BENCH_PYTHON`, else the one that prepare-peers.sh makes. */
export function peerPython(): string {
  const python = process.env['MULTICHEXNET_BENCH_PYTHON'] ?? VENV_PYTHON;
  if (existsSync(python)) return python;
  throw new BenchError(
    'BENCH_PEERS_MISSING',
    `there is no Python with the peers at ${python}: run bench/prepare-peers.sh, or set MULTICHEXNET_BENCH_PYTHON`,
  );
}

/** Runs it once. @throws {BenchError} BENCH_CONTENDER_FAILED with the end of what it wrote to stderr */
export async function runContender({ name, command, args, env }: Contender): Promise<Measurement> {
  const process_ = spawn(command, [...args], {
    env: { ...process.env, ...env, BENCH_STARTED: String(Date.now()) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = [collect(process_.stdout), collect(process_.stderr)];
  const status = await new Promise<number | string>((resolve, reject) => {
    process_.once('error', reject);
    process_.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const lastLine = out().trim().split('\n').at(-1) ?? '';
  if (status !== 0 || !lastLine.startsWith('{'))
    throw new BenchError(
      'BENCH_CONTENDER_FAILED',
      `contender "${name}" ended with ${status}: ${err().trim().split('\n').slice(-12).join('\n') || lastLine}`,
    );
  return JSON.parse(lastLine) as Measurement;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}
