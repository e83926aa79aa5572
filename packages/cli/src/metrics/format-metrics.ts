import { formatCell, formatDifference } from '@multichexnet/core';
import { columns } from '../output/style.js';
import { plural } from '../output/words.js';
import type { Comparison, PhaseGain } from './compare-phases.js';
import type { MeasuredGroup, MeasuredMetric } from './measure-phase.js';
import type { MetricPlace } from './phase-statistics.js';

/** Measures of a table by class that fit 80 columns; `--json` has all. */
const CLASS_COLUMNS = 3;

/** A block for every phase: a line for every metric, then a table by class where a head has classes. */
export function formatMetrics(metrics: readonly MeasuredMetric[]): string[] {
  return byPhase(metrics).flatMap(([phase, own]) => {
    const whole = own.filter((metric) => metric.class === undefined);
    const [heading = '', ...lines] = columns([
      ['  head', 'data', 'metric', 'test part (95 % CI)', ''],
      ...whole.map((metric) => [...placeOf(metric), metric.metric, formatCell(metric), plural(metric.images, 'image')]),
    ]);
    return [phase, heading, ...lines, ...formatClasses(own.filter((metric) => metric.class !== undefined))];
  });
}

/** A line for every class, under a heading for each head and dataset. */
function formatClasses(metrics: readonly MeasuredMetric[]): string[] {
  const places = new Map<string, MeasuredMetric[]>();
  for (const metric of metrics) {
    const place = placeOf(metric).join('  ');
    places.set(place, [...(places.get(place) ?? []), metric]);
  }
  return [...places].flatMap(([place, own]) => {
    const measures = [...new Set(own.map(measureOf))].slice(0, CLASS_COLUMNS);
    const classes = [...new Set(own.map((metric) => metric.class ?? ''))];
    const cell = (name: string, measure: string): string => {
      const metric = own.find((candidate) => candidate.class === name && measureOf(candidate) === measure);
      return metric === undefined ? '' : formatCell(metric);
    };
    return columns([
      [place, ...measures],
      ...classes.map((name) => [`    ${name}`, ...measures.map((measure) => cell(name, measure))]),
    ]);
  });
}

/** A line for every metric in every group; metrics of one class are left to `--json` unless they were asked for. */
export function formatGroups(groups: readonly MeasuredGroup[], asked: readonly string[]): string[] {
  const shown = groups.filter((group) => group.class === undefined || asked.includes(group.metric));
  return byPhase(shown).flatMap(([phase, own]) => {
    const rows = own.map((group) => [
      ...placeOf(group),
      group.metric,
      group.group ?? 'unknown',
      formatCell(group),
      plural(group.images, 'image'),
    ]);
    return [phase, ...columns([['  head', 'data', 'metric', own[0]?.by ?? '', 'test part (95 % CI)', ''], ...rows])];
  });
}

/** A line for every difference, with its p-value after Holm where there are several, and Delta m over the tasks of a phase. */
export function formatComparisons(comparisons: readonly Comparison[], gains: readonly PhaseGain[] = []): string[] {
  const several = comparisons.filter(({ p }) => p !== undefined).length > 1;
  return byPhase(comparisons).flatMap(([phase, own]) => {
    const rows = own.map((comparison) => [
      ...placeOf(comparison),
      comparison.metric,
      comparison.missing ?? formatDifference(comparison),
      several && comparison.adjusted !== undefined ? chance(comparison.adjusted) : '',
      comparison.testP === undefined ? '' : chance(comparison.testP),
    ]);
    const gain = gains.find((candidate) => candidate.phase === phase);
    const tested = own.some(({ testP }) => testP !== undefined);
    const difference = `difference to ${[...new Set(own.map(({ against }) => against))].join(', ')}`;
    const heading = ['  head', 'data', 'metric', difference, several ? 'Holm' : '', tested ? 'own test' : ''];
    return [phase, ...columns([heading, ...rows]), ...(gain === undefined ? [] : [formatGain(gain)])];
  });
}

/** `  multi-task gain (Delta m) over 2 tasks: +2.1 % (-0.4, 4.8)` */
function formatGain({ value, low, high, tasks }: PhaseGain): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const sign = value !== undefined && value > 0 ? '+' : '';
  const interval = low === undefined || high === undefined ? '' : ` (${percent(low)}, ${percent(high)})`;
  const gain = value === undefined ? '-' : `${sign}${percent(value)} %${interval}`;
  return `  multi-task gain (Delta m) over ${plural(tasks.length, 'task')}: ${gain}`;
}

function byPhase<M extends MetricPlace>(metrics: readonly M[]): [string, M[]][] {
  const phases = [...new Set(metrics.map(({ phase }) => phase))];
  return phases.map((phase) => [phase, metrics.filter((metric) => metric.phase === phase)]);
}

function placeOf({ head, dataset, gate }: MetricPlace): [head: string, data: string] {
  return [`  ${head}`, `${dataset}${gate === 'none' ? '' : `, ${gate} gate`}`];
}

/** `auroc` of `auroc/Effusion`. */
export function measureOf(metric: MeasuredMetric): string {
  return metric.metric.slice(0, -`/${metric.class ?? ''}`.length);
}

/** `p 0.030` */
export function chance(p: number): string {
  return p < 0.001 ? 'p<0.001' : `p ${p.toFixed(3)}`;
}
