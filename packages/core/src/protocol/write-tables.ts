import { MultichexnetError } from '../errors.js';
import type { PluginRegistry } from '../plugin/registry.js';
import type { RunStore } from '../run/run-store.js';
import type { PhaseEvaluations } from './evaluate-phase.js';
import { measureGains, type MultiTaskGain } from '../evaluate/measure-gains.js';
import { formatGainsMarkdown } from './format-gains.js';
import { formatTableMarkdown } from './format-table.js';
import type { ResolvedProtocol } from './resolved-phase.js';
import { computeTables, type Table } from './tables.js';

export interface TablesRequest {
  /** Where `tables/` goes. */
  readonly store: RunStore;
  /** The runs that hold the phases: one for each seed. */
  readonly seeds: readonly RunStore[];
  readonly protocol: ResolvedProtocol;
  readonly registry: PluginRegistry;
  readonly dataNotes: Readonly<Record<string, readonly string[]>>;
}

export interface WrittenTables {
  readonly tables: readonly Table[];
  /** Absent where no phase of several tasks has a baseline. */
  readonly gains?: readonly MultiTaskGain[];
}

/** Computes every table from the records on disk, and the multi-task gain where there are baselines, and writes them as JSON and Markdown. @throws MultichexnetError RUN_CORRUPT, SEEDS_DIFFER */
export async function writeTables({
  store,
  seeds,
  protocol,
  registry,
  dataNotes,
}: TablesRequest): Promise<WrittenTables> {
  const evaluations = (phase: string): Promise<PhaseEvaluations[]> =>
    Promise.all(seeds.map((seed) => readEvaluations(seed, phase)));
  const tables = await computeTables({ protocol, registry, evaluations });
  for (const table of tables) {
    await store.writeJson({ ...table, dataNotes }, 'tables', `${table.name}.json`);
    await store.writeText(formatTableMarkdown(table, protocol, dataNotes), 'tables', `${table.name}.md`);
  }
  const gains = await measureGains({ phases: protocol.phases, registry, settings: protocol, evaluations });
  if (gains.length === 0) return { tables };
  await store.writeJson(gains, 'tables', 'gain.json');
  await store.writeText(formatGainsMarkdown(gains, seeds.length), 'tables', 'gain.md');
  return { tables, gains };
}

async function readEvaluations(store: RunStore, phase: string): Promise<PhaseEvaluations> {
  const evaluations = await store.readJson<PhaseEvaluations>('phases', phase, 'evaluation.json');
  if (evaluations === undefined)
    throw new MultichexnetError('RUN_CORRUPT', `phase "${phase}" has no evaluation.json`, {
      file: store.phaseFolder(phase),
    });
  return evaluations;
}
