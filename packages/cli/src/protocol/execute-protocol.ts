import { rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  joinProtocol,
  PluginRegistryToken,
  runSeeds,
  RunStore,
  type Ranks,
  type ResolvedProtocol,
  type Reuse,
  type RunRequest,
  type RunResult,
} from '@multichexnet/core';
import { isFolder } from '../config/find-config.js';
import type { Container } from 'inversify';
import { buildId } from '../build-id.js';
import type { Progress } from '../command.js';
import { describeBuiltIns } from '../describe-plugins.js';
import type { Cluster } from '../distributed/cluster.js';
import { withRanks } from '../distributed/with-ranks.js';
import { plural } from '../output/words.js';
import { startEngine } from '../start-engine.js';
import { describeWork } from './describe-phase.js';
import type { PreparedProtocol } from './prepare-protocol.js';
import { assertWritable } from './run-folder.js';

export interface Execution extends PreparedProtocol {
  readonly container: Container;
  readonly out: string;
  readonly resume: boolean;
  readonly allowChange: readonly string[];
  readonly device: 'cpu' | 'gpu';
  /** Whether phases that other runs beside this one have trained by the same inputs are taken over. */
  readonly reuse?: boolean;
  readonly patientMap?: string;
  readonly logger: Progress;
  readonly signal: AbortSignal;
  /** Threads of TensorFlow; by default one a core. */
  readonly threads?: number;
  /** The processes that train together, this one among them. */
  readonly cluster?: Cluster;
}

/** Runs a protocol with a line of progress for every phase; of several processes this is rank 0. */
export function executeProtocol(execution: Execution): Promise<RunResult> {
  return inEngine(execution, runSeeds);
}

/** What a rank above 0 does: its part of the training. */
export function helpToTrain(execution: Execution): Promise<void> {
  return inEngine(execution, joinProtocol);
}

async function inEngine<T>(execution: Execution, run: (request: RunRequest) => Promise<T>): Promise<T> {
  const there = await isFolder(execution.out);
  try {
    await assertWritable(execution.out);
    return await withEngine(execution, run);
  } finally {
    // A run that was refused leaves no empty folder of its own; anything in it keeps it.
    if (!there) await rmdir(execution.out).catch(() => undefined);
  }
}

async function withEngine<T>(execution: Execution, run: (request: RunRequest) => Promise<T>): Promise<T> {
  const { container, out, logger, protocol, threads, cluster, signal } = execution;
  const reuse: Reuse = { folders: execution.reuse === true ? [dirname(resolve(out))] : [], build: await buildId() };
  const { device } = execution;
  const engine = await startEngine(container, {
    device,
    ...(threads === undefined ? {} : { threads }),
    ...(cluster === undefined ? {} : { cluster }),
  });
  const { name, version } = engine.info;
  logger.info(`engine    ${name} ${version} (${device})`);
  logger.info(
    `protocol  ${protocol.name}: ${plural(protocol.phases.length, 'phase')}, ${plural(Object.keys(protocol.tables).length, 'table')}, ${describeSeeds(protocol)}`,
  );
  if (execution.resume && (await new RunStore(out).exists('result.json')))
    logger.info(`run       ${out} is finished: what is done is not repeated`);
  const request = (ranks?: Ranks): RunRequest => ({
    protocol,
    externals: execution.externals,
    out,
    resume: execution.resume,
    allowChange: execution.allowChange,
    engine,
    registry: container.get(PluginRegistryToken),
    logger,
    signal,
    onPhase: (phase, index, count, seed) =>
      logger.stage({
        index: index + 1,
        count,
        work: phase.name,
        title: seed === undefined ? describeWork(phase) : `${describeWork(phase)}, seed ${seed}`,
      }),
    reuse,
    ...(execution.patientMap === undefined ? {} : { patientMap: execution.patientMap }),
    ...(cluster?.scheduled === true ? { waitForLockMs: LOCK_MS } : {}),
    ...(ranks === undefined ? {} : { ranks, versions: pluginVersions() }),
  });
  try {
    if (cluster === undefined) return await run(request());
    return await withRanks({ engine, cluster, logger, signal }, async (ranks) => {
      await ranks.talk.agreeOn('the config', protocol);
      return run(request(ranks));
    });
  } finally {
    logger.close();
    engine.dispose();
  }
}

function describeSeeds({ seed, seeds }: ResolvedProtocol): string {
  return seeds === undefined ? `seed ${seed}` : `seeds ${seeds.join(', ')}`;
}

/** A process that a scheduler has ended elsewhere leaves its lock, which is known as dead after 90 s. */
const LOCK_MS = 120_000;

/** The code that comes with the command; what a config brings is named in the config. */
function pluginVersions(): unknown {
  return describeBuiltIns().map(({ kind, version }) => [kind, version]);
}
