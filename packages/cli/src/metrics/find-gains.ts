import {
  GATE,
  type BootstrapSettings,
  type PluginRegistry,
  type ResolvedPhase,
  type RunStore,
} from '@multichexnet/core';
import { gainOver, pairSeeds, type PhaseGain } from './compare-phases.js';
import { firstMetrics, readPhaseStatistics, samePlace, type HeadStatistics } from './phase-statistics.js';

/** Delta m of one phase over the single-task phases of its run with the same number of steps and images a step. */
export interface FoundGain extends PhaseGain {
  readonly steps: number;
  /** `cls@rsna/none` -> the phase that it is compared with. */
  readonly baselines: Readonly<Record<string, string>>;
  /** Tasks without such a baseline: no gain is told then. */
  readonly missing: readonly string[];
}

export interface GainRequest {
  readonly phases: readonly ResolvedPhase[];
  /** Phase -> the seeds that have measured it. */
  readonly measured: ReadonlyMap<string, readonly RunStore[]>;
  readonly registry: PluginRegistry;
  readonly protocol: BootstrapSettings;
}

/**
 * The multi-task gain of every phase with several heads where the run has a single-task phase of equal step budget for at least one of its tasks. A task is a
 * head on a dataset, told by the head's first metric; an oracle's gate is no task.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED, SEEDS_DIFFER
 */
export async function findGains({ phases, measured, registry, protocol }: GainRequest): Promise<FoundGain[]> {
  const cache = new Map<ResolvedPhase, Promise<HeadStatistics[]>>();
  const statisticsOf = (phase: ResolvedPhase): Promise<HeadStatistics[]> => {
    let known = cache.get(phase);
    if (known === undefined) {
      const stores = measured.get(phase.name) ?? [];
      cache.set(phase, (known = readPhaseStatistics({ stores, phase, registry, only: firstMetrics(registry, phase) })));
    }
    return known;
  };
  const gains: FoundGain[] = [];
  for (const phase of phases.filter((candidate) => tasksOf(candidate).length > 1)) {
    const equal = phases.filter(
      (other) => tasksOf(other).length === 1 && other.steps === phase.steps && other.batchSize === phase.batchSize,
    );
    const baselines: Record<string, string> = {};
    const missing: string[] = [];
    const pairs = [];
    for (const own of await statisticsOf(phase)) {
      const [metric] = own.metrics;
      if (own.gate === 'oracle' || own.head === GATE || metric === undefined) continue;
      const task = `${own.head}@${own.dataset}/${own.gate}`;
      const found = await findBaseline(own, equal, statisticsOf);
      if (found === undefined) {
        missing.push(task);
        continue;
      }
      baselines[task] = found.phase.name;
      pairs.push(pairSeeds(metric.seeds, found.seeds, metric));
    }
    if (pairs.length === 0) continue;
    const gain = missing.length > 0 || pairs.length < 2 ? { images: 0, patients: 0 } : gainOver(pairs, protocol);
    gains.push({ phase: phase.name, tasks: Object.keys(baselines), steps: phase.steps, baselines, missing, ...gain });
  }
  return gains;
}

async function findBaseline(
  own: HeadStatistics,
  candidates: readonly ResolvedPhase[],
  statisticsOf: (phase: ResolvedPhase) => Promise<HeadStatistics[]>,
) {
  const [metric] = own.metrics;
  for (const phase of candidates) {
    const place = (await statisticsOf(phase)).find((other) => samePlace(other, own));
    const seeds = place?.metrics.find((other) => other.metric === metric?.metric)?.seeds;
    const images = metric?.seeds[0]?.images.join('\n');
    if (seeds !== undefined && seeds.length === metric?.seeds.length && seeds[0]?.images.join('\n') === images)
      return { phase, seeds };
  }
  return undefined;
}

const tasksOf = ({ heads }: ResolvedPhase): string[] => Object.keys(heads).filter((head) => head !== GATE);
