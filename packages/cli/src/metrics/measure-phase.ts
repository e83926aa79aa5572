import {
  FoldStatistic,
  measure,
  MultichexnetError,
  type Logger,
  type Measurement,
  type PhaseEvaluations,
  type PluginRegistry,
  type ResolvedPhase,
  type ResolvedProtocol,
  type RunStore,
} from '@multichexnet/core';

/** One metric of one head on the test part of one dataset, with its interval. */
export interface MeasuredMetric extends Measurement {
  readonly phase: string;
  readonly head: string;
  readonly dataset: string;
  /** `trained`, `oracle`, `none`: what stood before the head. */
  readonly gate: string;
  readonly metric: string;
  readonly better: 'higher' | 'lower';
}

export interface MeasureRequest {
  readonly store: RunStore;
  readonly protocol: ResolvedProtocol;
  readonly phase: ResolvedPhase;
  readonly registry: PluginRegistry;
  readonly logger: Logger;
}

/**
 * Every metric of every head of a finished phase, from the records in its evaluation.json.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED
 */
export async function measurePhase({
  store,
  protocol,
  phase,
  registry,
  logger,
}: MeasureRequest): Promise<MeasuredMetric[]> {
  const evaluations = await store.readJson<PhaseEvaluations>('phases', phase.name, 'evaluation.json');
  if (evaluations === undefined)
    throw new MultichexnetError('RUN_PHASE_UNFINISHED', `phase "${phase.name}" of the run is not finished`, {
      file: store.phaseFolder(phase.name),
    });
  const { resamples, seed } = protocol;
  const work = Object.entries(evaluations).flatMap(([key, folds]) => {
    const [, head = '', dataset = '', gate = ''] = /^(.*)@(.*)\/(.*)$/.exec(key) ?? [];
    return metricsOf(registry, phase, head).map((metric) => ({ head, dataset, gate, metric, folds }));
  });
  return work.map(({ head, dataset, gate, metric, folds }, i) => {
    logger.progress({ name: `intervals of ${phase.name}`, done: i + 1, total: work.length });
    return {
      phase: phase.name,
      head,
      dataset,
      gate,
      metric: metric.name,
      better: metric.better,
      ...measure(new FoldStatistic(metric, folds), { resamples, seed }),
    };
  });
}

type Metric = ConstructorParameters<typeof FoldStatistic>[0];

/** A metric needs no network: the head is created from its options alone. */
function metricsOf(registry: PluginRegistry, phase: ResolvedPhase, head: string): readonly Metric[] {
  const choice = phase.heads[head];
  if (choice === undefined) return [];
  const { kind, ...options } = choice;
  return registry.head(kind).create(options, { seed: 0 }).metrics as readonly Metric[];
}
