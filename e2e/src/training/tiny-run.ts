import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  loadExternalPhases,
  ProblemsError,
  resolveProtocol,
  runSeeds,
  silentLogger,
  type Engine,
  type Logger,
  type RunRequest,
  type RunResult,
} from '@multichexnet/core';
import { registry } from './tiny-plugins.js';

/** Words that a test's protocol has over {@link tinyProtocol}'s. */
export type Words = Readonly<Record<string, unknown>>;

/** Two datasets, a classification head and a dense one. */
export function tinyProtocol(data: string, phases: Words, more: Words = {}): Words {
  return {
    name: 'tiny',
    seed: 3,
    resamples: 100,
    splits: { validation: 0.2, test: 0.3 },
    datasets: { one: { kind: 'tiny', root: join(data, 'one') }, two: { kind: 'tiny', root: join(data, 'two') } },
    model: { encoder: { kind: 'tiny' }, heads: { cls: { kind: 'cls' }, seg: { kind: 'map' } } },
    defaults: { steps: 6, batchSize: 4, learningRate: { base: 0.01 }, checkpointEvery: 2 },
    phases,
    ...more,
  };
}

/** Resolves and runs a protocol; problems are thrown. */
export async function runTiny(
  engine: Engine,
  protocol: Words,
  out: string,
  more: Partial<RunRequest> = {},
): Promise<RunResult> {
  const externals = await loadExternalPhases(protocol);
  const resolution = resolveProtocol(protocol, registry, undefined, externals);
  if (resolution.protocol === undefined) throw new ProblemsError(resolution.problems);
  return runSeeds({
    protocol: resolution.protocol,
    externals,
    out,
    resume: false,
    engine,
    registry,
    logger: silentLogger,
    ...more,
  });
}

/** Calls back after every training step of a phase; what it throws ends the run as a crash would. */
export function stepLogger(onStep: (phase: string, done: number) => void): Logger {
  return {
    ...silentLogger,
    progress: ({ name, done, detail }) => {
      if (detail !== undefined) onStep(name, done);
    },
  };
}

/** Every file below a folder that says what was computed, by its path; times and machines are left out. */
export async function resultFiles(run: string, under = ''): Promise<Record<string, string>> {
  const names = (await readdir(join(run, under), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(run.length + 1))
    .filter((name) => !['log.jsonl', 'run.json', 'result.json'].includes(name) && !name.endsWith('phase.json'))
    .filter((name) => !name.includes('/tb/'))
    .sort();
  const files: Record<string, string> = {};
  for (const name of names) files[name] = (await readFile(join(run, name))).toString('base64');
  return files;
}
