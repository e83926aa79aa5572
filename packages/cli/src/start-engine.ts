import { EngineToken, type Engine, type Precision } from '@multichexnet/core';
import type { Container } from 'inversify';
import { availableParallelism } from 'node:os';
import type { Cluster } from './distributed/cluster.js';
import { CliError } from './errors.js';

export interface EngineChoice {
  readonly precision?: Precision;
  readonly device?: 'cpu' | 'gpu';
  /** Of TensorFlow; by default one a core. */
  readonly threads?: number;
  /** Steps that run side by side, which share the threads: each computes on its own part of them. */
  readonly lanes?: number;
  readonly cluster?: Cluster;
}

/** Value of `--device`. @throws CliError CLI_OPTION_VALUE */
export function parseDevice(text: string | undefined): 'cpu' | 'gpu' {
  if (text === undefined || text === 'cpu') return 'cpu';
  if (text === 'gpu') return 'gpu';
  throw new CliError('CLI_OPTION_VALUE', `--device wants cpu or gpu, got "${text}"`);
}

/** Value of `--precision`. @throws CliError CLI_OPTION_VALUE */
export function parsePrecision(text: string | undefined): Precision {
  if (text === undefined || text === 'float32') return 'float32';
  if (text === 'bfloat16') return 'bfloat16';
  throw new CliError('CLI_OPTION_VALUE', `--precision wants float32 or bfloat16, got "${text}"`);
}

/** Loads TensorFlow and binds the engine, so that whoever resolves it gets this one. Its dispose belongs to the caller. */
export async function startEngine(
  container: Container,
  { precision = 'float32', device = 'cpu', threads, lanes = 1, cluster }: EngineChoice = {},
): Promise<Engine> {
  quietLibrary();
  const { createEngine } = await import('@multichexnet/engine');
  const engine = await createEngine({
    precision,
    device,
    ...(threads === undefined ? {} : { threads }),
    ...(lanes === 1 ? {} : { opThreads: Math.max(1, Math.floor((threads ?? availableParallelism()) / lanes)) }),
    ...(cluster === undefined ? {} : { cluster: { rank: cluster.rank, addresses: cluster.addresses } }),
  });
  container.bind(EngineToken).toConstantValue(engine);
  return engine;
}

/** The library's own log lines are for its developers; errors still come. Must be said before the library is loaded. */
export function quietLibrary(): void {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
}
