import type { Contender } from './contender.js';
import type { Entry } from './interleave.js';
import type { Options } from './options.js';

/** One name of `npm run bench -- NAME`. */
export interface Benchmark {
  readonly name: string;
  /** One line for the usage text. */
  readonly what: string;
  /** What is run, as numbers and words, kept with the result. */
  readonly settings: Readonly<Record<string, number | string>>;
  readonly rounds: number;
  /** What has to be there before contenders start. */
  prepare?(): Promise<void>;
  contenders(options: Options): Contender[];
  conclude(entries: Readonly<Record<string, Entry>>): Conclusion;
}

export interface Conclusion {
  /** `a/b`: time of a over time of b. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly checks: readonly Check[];
}

/** One thing that has to hold. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly got: number;
  /** In words, with its limit. */
  readonly wanted: string;
}

export const atMost = (name: string, got: number, limit: number, unit = ''): Check => ({
  name,
  ok: got <= limit,
  got,
  wanted: `at most ${limit}${unit}`,
});

export const atLeast = (name: string, got: number, limit: number, unit = ''): Check => ({
  name,
  ok: got >= limit,
  got,
  wanted: `at least ${limit}${unit}`,
});
