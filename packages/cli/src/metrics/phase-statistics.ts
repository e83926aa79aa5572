import {
  FoldStatistic,
  MultichexnetError,
  type PhaseEvaluations,
  type PluginRegistry,
  type ResolvedPhase,
  type RunStore,
} from '@multichexnet/core';

/** Where a metric was measured. */
export interface MetricPlace {
  readonly phase: string;
  readonly head: string;
  readonly dataset: string;
  /** `trained`, `oracle`, `none`: what stood before the head. */
  readonly gate: string;
}

export interface MetricInfo {
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  /** Of a metric of one class. */
  readonly class?: string;
}

/** Every metric of one head on the test part of one dataset: all of the same images. */
export interface HeadStatistics extends MetricPlace {
  readonly metrics: readonly (MetricInfo & { readonly seeds: readonly FoldStatistic[] })[];
}

export interface PhaseRequest {
  /** Where the phase is: one folder for each seed that was trained. */
  readonly stores: readonly RunStore[];
  readonly phase: ResolvedPhase;
  readonly registry: PluginRegistry;
  /** Metrics wanted, by name; all by default. */
  readonly only?: readonly string[];
}

/**
 * Reads the records in a finished phase's evaluation.json of every seed.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED, SEEDS_DIFFER
 */
export async function readPhaseStatistics({
  stores,
  phase,
  registry,
  only = [],
}: PhaseRequest): Promise<HeadStatistics[]> {
  const seeds: PhaseEvaluations[] = [];
  for (const store of stores) seeds.push(await readEvaluations(store, phase));
  return Object.keys(seeds[0] ?? {}).map((key) => {
    const [, head = '', dataset = '', gate = ''] = /^(.*)@(.*)\/(.*)$/.exec(key) ?? [];
    const folds = seeds.map((evaluations) => evaluations[key]);
    const metrics = metricsOf(registry, phase, head)
      .filter(({ name }) => only.length === 0 || only.includes(name))
      .map((metric) => ({
        metric: metric.name,
        better: metric.better,
        ...(metric.class === undefined ? {} : { class: metric.class }),
        seeds: folds.map((own) => {
          if (own !== undefined) return new FoldStatistic(metric, own);
          throw new MultichexnetError('SEEDS_DIFFER', `phase "${phase.name}" was not tested on ${key} with every seed`);
        }),
      }));
    return { phase: phase.name, head, dataset, gate, metrics };
  });
}

async function readEvaluations(store: RunStore, { name }: ResolvedPhase): Promise<PhaseEvaluations> {
  const evaluations = await store.readJson<PhaseEvaluations>('phases', name, 'evaluation.json');
  if (evaluations !== undefined) return evaluations;
  throw new MultichexnetError('RUN_PHASE_UNFINISHED', `phase "${name}" of the run is not finished`, {
    file: store.phaseFolder(name),
  });
}

export function samePlace(a: Omit<MetricPlace, 'phase'>, b: Omit<MetricPlace, 'phase'>): boolean {
  return a.head === b.head && a.dataset === b.dataset && a.gate === b.gate;
}

type Metric = ConstructorParameters<typeof FoldStatistic>[0];

/** A metric needs no network: the head is created from its options alone. */
export function metricsOf(registry: PluginRegistry, phase: ResolvedPhase, head: string): readonly Metric[] {
  const choice = phase.heads[head];
  if (choice === undefined) return [];
  const { kind, ...options } = choice;
  return registry.head(kind).create(options, { seed: 0 }).metrics as readonly Metric[];
}

/** Name of each head's first metric: what it is told by in one number. */
export function firstMetrics(registry: PluginRegistry, phase: ResolvedPhase): string[] {
  return Object.keys(phase.heads).flatMap((head) =>
    metricsOf(registry, phase, head)
      .slice(0, 1)
      .map(({ name }) => name),
  );
}
