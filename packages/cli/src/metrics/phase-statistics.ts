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
  readonly metrics: readonly (MetricInfo & { readonly statistic: FoldStatistic })[];
}

export interface PhaseRequest {
  readonly store: RunStore;
  readonly phase: ResolvedPhase;
  readonly registry: PluginRegistry;
  /** Metrics wanted, by name; all by default. */
  readonly only?: readonly string[];
}

/**
 * Reads the records in a finished phase's evaluation.json.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED
 */
export async function readPhaseStatistics({
  store,
  phase,
  registry,
  only = [],
}: PhaseRequest): Promise<HeadStatistics[]> {
  const evaluations = await store.readJson<PhaseEvaluations>('phases', phase.name, 'evaluation.json');
  if (evaluations === undefined)
    throw new MultichexnetError('RUN_PHASE_UNFINISHED', `phase "${phase.name}" of the run is not finished`, {
      file: store.phaseFolder(phase.name),
    });
  return Object.entries(evaluations).map(([key, folds]) => {
    const [, head = '', dataset = '', gate = ''] = /^(.*)@(.*)\/(.*)$/.exec(key) ?? [];
    const metrics = metricsOf(registry, phase, head)
      .filter(({ name }) => only.length === 0 || only.includes(name))
      .map((metric) => ({
        metric: metric.name,
        better: metric.better,
        ...(metric.class === undefined ? {} : { class: metric.class }),
        statistic: new FoldStatistic(metric, folds),
      }));
    return { phase: phase.name, head, dataset, gate, metrics };
  });
}

type Metric = ConstructorParameters<typeof FoldStatistic>[0];

/** A metric needs no network: the head is created from its options alone. */
export function metricsOf(registry: PluginRegistry, phase: ResolvedPhase, head: string): readonly Metric[] {
  const choice = phase.heads[head];
  if (choice === undefined) return [];
  const { kind, ...options } = choice;
  return registry.head(kind).create(options, { seed: 0 }).metrics as readonly Metric[];
}
