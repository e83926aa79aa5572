import type {
  DatasetCounts,
  EngineInfo,
  Logger,
  PhaseResult,
  PluginRegistry,
  ResolvedPhase,
  RunResult,
  Table,
} from '@multichexnet/core';
import { PluginRegistryToken, type RunStore } from '@multichexnet/core';
import { createContainer } from '../create-container.js';
import { isFile } from '../config/find-config.js';
import type { TrainedPhase } from './describe-steps.js';
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
  /** Phase -> what the first seed's training came to. */
  readonly results: ReadonlyMap<string, PhaseResult>;
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
  const results = new Map<string, PhaseResult>();
  for (const phase of await ranPhases(opened)) {
    const done: RunStore[] = [];
    for (const seed of seeds) if (await isFile(seed.path('phases', phase.name, 'evaluation.json'))) done.push(seed);
    if (!done.includes(phaseStore)) continue;
    finished.push(phase);
    measured.set(phase.name, done);
    const trained = await phaseStore.readJson<PhaseResult>('phases', phase.name, 'phase.json');
    if (trained !== undefined) results.set(phase.name, trained);
  }
  const result = await store.readJson<RunResult>('result.json');
  const head = (await phaseStore.readJson<RunHead>('run.json')) ?? {};
  return {
    ...opened,
    name,
    registry,
    phases: { store: phaseStore, finished, results, measured, ...(first === undefined ? {} : { seed: first }) },
    seeds,
    head,
    tables: result?.tables ?? [],
    dataNotes: result?.dataNotes ?? head.dataNotes ?? {},
    ...(result === undefined ? {} : { result }),
  };
}

/** A finished phase with how its first training went. */
export function trainedPhase({ phases }: Pick<ReportedRun, 'phases'>, phase: ResolvedPhase): TrainedPhase {
  const { results, seed } = phases;
  const result = results.get(phase.name);
  return { phase, ...(result === undefined ? {} : { result }), ...(seed === undefined ? {} : { seed }) };
}
