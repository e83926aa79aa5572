import { formatCell, formatDifference, isMultichexnetError, silentLogger, type Logger } from '@multichexnet/core';
import { adjustComparisons, comparePhases, type Comparison } from '../metrics/compare-phases.js';
import { chance } from '../metrics/format-metrics.js';
import { measurePhase, type MeasuredMetric } from '../metrics/measure-phase.js';
import { firstMetrics } from '../metrics/phase-statistics.js';
import { escapeText } from '../page/escape-text.js';
import { csv, download } from '../page/figure.js';
import { table } from '../page/table.js';
import type { ReportedRun } from './read-run.js';
import { list } from './tables-section.js';

/** This run against others: the first metric of each head in phases of the same name, with p-values after Holm over all of them. */
export async function comparisonSection(
  run: ReportedRun,
  others: readonly ReportedRun[],
  logger: Logger,
): Promise<string> {
  if (others.length === 0) return '';
  const notes: string[] = [];
  const found: Comparison[] = [];
  for (const [i, other] of others.entries()) {
    found.push(...(await compareRuns(run, other, notes)));
    logger.progress({ name: 'runs compared', done: i + 1, total: others.length });
  }
  const values = new Map<string, MeasuredMetric[]>();
  for (const one of [run, ...others]) values.set(one.name, await headlines(one, notes));
  const of = (name: string, { phase, head, dataset, gate, metric }: Comparison): MeasuredMetric | undefined =>
    values
      .get(name)
      ?.find(
        (one) =>
          one.phase === phase &&
          one.head === head &&
          one.dataset === dataset &&
          one.gate === gate &&
          one.metric === metric,
      );
  const comparisons = adjustComparisons(found);
  const tested = comparisons.some(({ testP }) => testP !== undefined);
  const rows = comparisons.map((one) => [
    one.phase,
    `${one.head} on ${one.dataset}${one.gate === 'none' ? '' : `, ${one.gate} gate`}`,
    one.metric,
    formatCell(of(run.name, one) ?? {}),
    one.against,
    formatCell(of(one.against, one) ?? {}),
    one.missing ?? formatDifference(one, 3),
    one.adjusted === undefined ? '' : chance(one.adjusted),
    ...(tested ? [one.testP === undefined ? '' : chance(one.testP)] : []),
  ]);
  const head = ['phase', 'head', 'metric', 'this run', 'against', 'value there', 'difference (95 % CI)', 'Holm', ...(tested ? ['own test'] : [])]; // prettier-ignore
  const data = csv(
    ['phase', 'head', 'dataset', 'gate', 'metric', 'against', 'difference', 'low', 'high', 'p', 'p after Holm'],
    comparisons.map(({ phase, head: name, dataset, gate, metric, against, difference, low, high, p, adjusted }) => [
      ...[phase, name, dataset, gate, metric, against, difference, low, high, p, adjusted],
    ]),
  );
  const body =
    rows.length === 0
      ? '<p>The runs have no finished phase of the same name.</p>'
      : `${table(head, rows)}<p>${download('comparison.csv', 'text/csv', data, 'comparison (CSV)')}</p>`;
  return `<section id="comparison"><h2>Against other runs</h2>
<p>${escapeText(`${run.name} minus ${others.map(({ name }) => name).join(', ')}, on the same test images: paired bootstrap over patients (and seeds, where there are several). Holm: p adjusted over all lines that have one.${tested ? " Own test: DeLong's by patient." : ''}`)}</p>
${list(notes)}${body}</section>`;
}

async function compareRuns(run: ReportedRun, other: ReportedRun, notes: string[]): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const phase of run.phases.finished) {
    const pair = other.phases.finished.find(({ name }) => name === phase.name);
    if (pair === undefined) continue;
    try {
      const theirs = { stores: other.phases.measured.get(pair.name) ?? [], phase: pair, registry: other.registry };
      const { comparisons: own } = await comparePhases({
        first: { stores: run.phases.measured.get(phase.name) ?? [], phase, registry: run.registry },
        others: [{ name: other.name, request: theirs }],
        protocol: run.protocol,
        logger: silentLogger,
      });
      comparisons.push(...own);
    } catch (error) {
      if (!isMultichexnetError(error)) throw error;
      notes.push(`${phase.name}: ${error.message}`);
    }
  }
  return comparisons;
}

/** The first metric of every head of every phase, with its interval. */
async function headlines({ phases, registry, protocol }: ReportedRun, notes: string[]): Promise<MeasuredMetric[]> {
  const metrics: MeasuredMetric[] = [];
  for (const phase of phases.finished) {
    const stores = phases.measured.get(phase.name) ?? [];
    const only = firstMetrics(registry, phase);
    try {
      metrics.push(...(await measurePhase({ stores, phase, registry, protocol, only, logger: silentLogger })));
    } catch (error) {
      if (!isMultichexnetError(error)) throw error;
      notes.push(`${phase.name}: ${error.message}`);
    }
  }
  return metrics;
}
