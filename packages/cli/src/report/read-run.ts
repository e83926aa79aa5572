import type {
  DatasetCounts,
  EngineInfo,
  Logger,
  PluginRegistry,
  ResolvedPhase,
  RunResult,
  Table,
} from '@multichexnet/core';
import { PluginRegistryToken, type RunStore } from '@multichexnet/core';
import { createContainer } from '../create-container.js';
import { isFile } from '../config/find-config.js';
import { openRun, ranPhases, seedStores, type OpenedRun } from '../open-run.js';

/** A run as it is reported. */
export interface ReportedRun extends OpenedRun {
  /** As it was asked for. */
  readonly name: string;
  readonly registry: PluginRegistry;
  /** Where the phases are: the run itself, or the first of its seeds. */
  readonly phases: PhasesOfRun;
  /** Every seed's folder; one that is the run itself for a run without `seeds`. */
  readonly seeds: readonly RunStore[];
  readonly head: RunHead;
  readonly tables: readonly Table[];
  readonly dataNotes: Readonly<Record<string, readonly string[]>>;
  /** Absent = the run is not finished. */
  readonly result?: RunResult;
}

export interface PhasesOfRun {
  readonly store: RunStore;
  /** Present in a run of several seeds. */
  readonly seed?: number;
  /** Those that the first seed has measured. */
  readonly finished: readonly ResolvedPhase[];
  /** Phase -> the seeds that have measured it. */
  readonly measured: ReadonlyMap<string, readonly RunStore[]>;
}

/** What run.json holds; older runs may lack parts of it. */
export interface RunHead {
  readonly dataNotes?: RunResult['dataNotes'];
  readonly version?: string;
  readonly node?: string;
  readonly engine?: EngineInfo;
  readonly machine?: { readonly platform?: string; readonly cpus?: number; readonly model?: string };
  readonly data?: Readonly<
    Record<
      string,
      {
        readonly fingerprint: string;
        readonly counts: DatasetCounts;
        readonly skipped: Readonly<Record<string, number>>;
      }
    >
  >;
}

/** @throws MultichexnetError RUN_NOT_FOUND, RUN_CORRUPT, PLUGIN_* */
export async function readRun(name: string, logger: Logger): Promise<ReportedRun> {
  const opened = await openRun(name);
  const { store, protocol, plugins } = opened;
  const [first] = protocol.seeds ?? [];
  const registry = createContainer({ logger, plugins: plugins.set }).get(PluginRegistryToken);
  const seeds = seedStores(opened);
  const [phaseStore] = seeds as [RunStore, ...RunStore[]];
  const finished: ResolvedPhase[] = [];
  const measured = new Map<string, RunStore[]>();
  for (const phase of await ranPhases(opened)) {
    const done: RunStore[] = [];
    for (const seed of seeds) if (await isFile(seed.path('phases', phase.name, 'evaluation.json'))) done.push(seed);
    if (!done.includes(phaseStore)) continue;
    finished.push(phase);
    measured.set(phase.name, done);
  }
  const result = await store.readJson<RunResult>('result.json');
  const head = (await phaseStore.readJson<RunHead>('run.json')) ?? {};
  return {
    ...opened,
    name,
    registry,
    phases: { store: phaseStore, finished, measured, ...(first === undefined ? {} : { seed: first }) },
    seeds,
    head,
    tables: result?.tables ?? [],
    dataNotes: result?.dataNotes ?? head.dataNotes ?? {},
    ...(result === undefined ? {} : { result }),
  };
}
