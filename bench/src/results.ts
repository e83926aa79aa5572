import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Conclusion } from './benchmark.js';
import { BenchError } from './errors.js';
import type { Entry } from './interleave.js';
import type { Machine } from './machine.js';

/** The document that `--json` prints and that bench/results keeps. */
export interface Result extends Conclusion {
  readonly benchmark: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly settings: Readonly<Record<string, number | string>>;
  readonly entries: readonly Entry[];
  /** Whether every check holds. */
  readonly ok: boolean;
}

/** Appends to `bench/results/<benchmark>.json`, an array, oldest first. @throws {BenchError} BENCH_RESULTS_DAMAGED */
export function appendResult(result: Result): string {
  const folder = fileURLToPath(new URL('../results/', import.meta.url));
  const file = `${folder}${result.benchmark}.json`;
  mkdirSync(folder, { recursive: true });
  const all = [...readResults(file), result];
  writeFileSync(`${file}.part`, `${JSON.stringify(all, null, 1)}\n`);
  renameSync(`${file}.part`, file);
  return file;
}

function readResults(file: string): unknown[] {
  if (!existsSync(file)) return [];
  try {
    const results: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(results)) return results;
  } catch {
    // said below
  }
  throw new BenchError('BENCH_RESULTS_DAMAGED', `${file} is not a JSON array of results; move it away and run again`);
}
