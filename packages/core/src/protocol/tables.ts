import {
  FoldStatistic,
  untunedOf,
  type FoldRecords,
  type Measurement,
  type PairedMeasurement,
} from '../evaluate/measure.js';
import { measureSeeds, measureSeedsDifference } from '../evaluate/measure-seeds.js';
import { joinRecords } from '../evaluate/records.js';
import { MultichexnetError } from '../errors.js';
import type { AnyMetric, CountedClass } from '../plugin/metric.js';
import type { PluginRegistry } from '../plugin/registry.js';
import { splitColumn } from './check-tables.js';
import { effectiveGate, evaluationKey, type PhaseEvaluations } from './evaluate-phase.js';
import type { TableConfig, TableRowConfig } from './protocol.js';
import type { ResolvedPhase, ResolvedProtocol } from './resolved-phase.js';

export interface Table {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly string[];
  /** Training runs that every number is the mean of; absent = one. */
  readonly seeds?: number;
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  readonly label: string;
  readonly phase: string;
  readonly datasets: readonly string[];
  readonly gate?: string;
  readonly remark?: string;
  readonly cells: Readonly<Record<string, TableCell>>;
}

export interface TableCell extends Measurement {
  readonly metric: string;
  readonly datasets: readonly string[];
  /** Of a mean over classes: what each class has in the test images. */
  readonly classes?: readonly CountedClass[];
  /** For what a default threshold stands in, since validation has no image to choose one by. */
  readonly untuned?: readonly string[];
  /** The paper's printed value. */
  readonly paper?: string;
  /** Against another row on the same images. */
  readonly paired?: PairedMeasurement & { readonly against: string };
}

export interface TableInput {
  readonly protocol: ResolvedProtocol;
  readonly registry: PluginRegistry;
  /** Of a phase, one for each seed that was run. */
  readonly evaluations: (phase: string) => Promise<readonly PhaseEvaluations[]>;
}

/** Computes every table of a protocol from the phases' records. */
export async function computeTables(input: TableInput): Promise<Table[]> {
  const tables: Table[] = [];
  for (const [name, config] of Object.entries(input.protocol.tables))
    tables.push(await computeTable(input, name, config));
  return tables;
}

async function computeTable(input: TableInput, name: string, config: TableConfig): Promise<Table> {
  const statistics = new Map<string, Map<string, readonly FoldStatistic[]>>();
  let seeds = 1;
  for (const row of config.rows) statistics.set(row.label, await rowStatistics(input, config, row));
  const { resamples, seed } = input.protocol;
  const rows = config.rows.map((row): TableRow => {
    const own = statistics.get(row.label) as Map<string, readonly FoldStatistic[]>;
    const cells: Record<string, TableCell> = {};
    for (const [column, statistic] of own) {
      seeds = statistic.length;
      const [head, metric] = splitColumn(config.columns[column] as string);
      const other = row.against === undefined ? undefined : statistics.get(row.against)?.get(column);
      const paired = other === undefined ? undefined : measureSeedsDifference(statistic, other, { resamples, seed });
      const paper = row.paper?.[column];
      const classes = statistic[0]?.classes;
      const untuned = untunedOf(statistic);
      cells[column] = {
        metric,
        datasets: [row.on[head] ?? []].flat(),
        ...measureSeeds(statistic, { resamples, seed }),
        ...(classes === undefined ? {} : { classes }),
        ...(untuned.length === 0 ? {} : { untuned }),
        ...(paper === undefined ? {} : { paper }),
        ...(paired === undefined || row.against === undefined ? {} : { paired: { against: row.against, ...paired } }),
      };
    }
    const { label, phase, gate, remark } = row;
    const datasets = [...new Set(Object.values(row.on).flat())];
    return {
      label,
      phase,
      datasets,
      cells,
      ...(gate === undefined ? {} : { gate }),
      ...(remark === undefined ? {} : { remark }),
    };
  });
  return { name, title: config.title, columns: Object.keys(config.columns), ...(seeds > 1 ? { seeds } : {}), rows };
}

/** The statistic of every column that the row has, for each seed. */
async function rowStatistics(
  input: TableInput,
  config: TableConfig,
  row: TableRowConfig,
): Promise<Map<string, readonly FoldStatistic[]>> {
  const phase = input.protocol.phases.find(({ name }) => name === row.phase) as ResolvedPhase;
  const seeds = await input.evaluations(row.phase);
  const statistics = new Map<string, readonly FoldStatistic[]>();
  for (const [column, target] of Object.entries(config.columns)) {
    const [head, metricName] = splitColumn(target);
    const datasets = row.on[head];
    if (datasets === undefined) continue;
    const gate = effectiveGate(phase, head, row.gate);
    const metric = findMetric(input.registry, phase, head, metricName);
    statistics.set(
      column,
      seeds.map((evaluations) => {
        const parts = [datasets].flat().map((dataset) => evaluations[evaluationKey({ head, dataset, gate })] ?? []);
        return new FoldStatistic(metric, joinFolds(parts));
      }),
    );
  }
  return statistics;
}

function joinFolds(parts: readonly (readonly FoldRecords[])[]): FoldRecords[] {
  const count = Math.max(0, ...parts.map((folds) => folds.length));
  return Array.from({ length: count }, (_, i) => {
    const folds = parts.flatMap((part) => (part[i] === undefined ? [] : [part[i]]));
    const ofSources = folds.length > 0 && folds.every(({ clusters }) => clusters === 'source');
    return {
      validation: joinRecords(folds.map(({ validation }) => validation)),
      test: joinRecords(folds.map(({ test }) => test)),
      ...(ofSources ? { clusters: 'source' } : {}),
    };
  });
}

/** A metric needs no network: the head is created from its options alone. */
function findMetric(
  registry: PluginRegistry,
  phase: ResolvedPhase,
  head: string,
  name: string,
): AnyMetric<never, never, never> {
  const { kind, ...options } = phase.heads[head] ?? { kind: '' };
  const metrics = registry.head(kind).create(options, { seed: 0 }).metrics as readonly AnyMetric<never, never, never>[];
  const metric = metrics.find((candidate) => candidate.name === name);
  if (metric === undefined)
    throw new MultichexnetError(
      'PROTOCOL_TABLE',
      `head "${head}" has no metric "${name}"; it has ${metrics.map((candidate) => candidate.name).join(', ')}`,
    );
  return metric;
}
