import { formatCell, formatDifference, formatGain } from '@multichexnet/core';
import { columns } from '../output/style.js';
import { plural } from '../output/words.js';
import type { Comparison, PhaseGain } from './compare-phases.js';
import type { MeasuredGroup, MeasuredMetric } from './measure-phase.js';
import type { MetricPlace } from './phase-statistics.js';

/** Measures of a table by class at most; `--json` has all. */
const CLASS_COLUMNS = 3;
const WIDTH = 80;

/** A block for every phase: under each head and dataset a line for every metric, then a table by class where a head has classes. */
export function formatMetrics(metrics: readonly MeasuredMetric[]): string[] {
  return byPhase(metrics).flatMap(([phase, own]) => {
    const whole = own.filter((metric) => metric.class === undefined);
    return [
      phase,
      ...placed(
        whole,
        ['', 'test part (95 % CI)', ''],
        whole.map((metric) => [metric.metric, formatCell(metric), plural(metric.images, 'image')]),
      ),
      ...formatClasses(own.filter((metric) => metric.class !== undefined)),
    ];
  });
}

/** A line for every class, under a heading for each head and dataset. */
function formatClasses(metrics: readonly MeasuredMetric[]): string[] {
  const places = new Map<string, MeasuredMetric[]>();
  for (const metric of metrics) {
    const place = placeOf(metric);
    places.set(place, [...(places.get(place) ?? []), metric]);
  }
  return [...places].flatMap(([place, own]) => {
    const classes = [...new Set(own.map((metric) => metric.class ?? ''))];
    const cell = (name: string, measure: string): string => {
      const metric = own.find((candidate) => candidate.class === name && measureOf(candidate) === measure);
      return metric === undefined ? '' : formatCell(metric);
    };
    const lines = (measures: readonly string[]): string[] =>
      columns([
        ['    class', ...measures],
        ...classes.map((name) => [`    ${name}`, ...measures.map((measure) => cell(name, measure))]),
      ]);
    const measures = [...new Set(own.map(measureOf))].slice(0, CLASS_COLUMNS);
    const fits = measures.findLastIndex((_, i) => widest(lines(measures.slice(0, i + 1))) <= WIDTH);
    return [place, ...lines(measures.slice(0, Math.max(0, fits) + 1))];
  });
}

/** A line for every metric in every group; metrics of one class are left to `--json` unless they were asked for. */
export function formatGroups(groups: readonly MeasuredGroup[], asked: readonly string[]): string[] {
  const shown = groups.filter((group) => group.class === undefined || asked.includes(group.metric));
  return byPhase(shown).flatMap(([phase, own]) => [
    phase,
    ...placed(
      own,
      ['', own[0]?.by ?? '', 'test part (95 % CI)', ''],
      own.map((group) => [group.metric, group.group ?? 'unknown', formatCell(group), plural(group.images, 'image')]),
    ),
  ]);
}

/** A line for every difference, with its p-value after Holm where there are several, and Delta m over the tasks of a phase. */
export function formatComparisons(comparisons: readonly Comparison[], gains: readonly PhaseGain[] = []): string[] {
  const several = comparisons.filter(({ p }) => p !== undefined).length > 1;
  return byPhase(comparisons).flatMap(([phase, own]) => {
    const tested = own.some(({ testP }) => testP !== undefined);
    const difference = `difference to ${[...new Set(own.map(({ against }) => against))].join(', ')}`;
    const gain = gains.find((candidate) => candidate.phase === phase);
    return [
      `${phase}: ${difference}`,
      ...placed(
        own,
        ['', '', several ? 'Holm' : '', tested ? 'own test' : ''],
        own.map((comparison) => [
          comparison.metric,
          comparison.missing ?? formatDifference(comparison),
          several && comparison.adjusted !== undefined ? chance(comparison.adjusted) : '',
          comparison.testP === undefined ? '' : chance(comparison.testP),
        ]),
      ),
      ...(gain === undefined
        ? []
        : [`  multi-task gain (Delta m) over ${plural(gain.tasks.length, 'task')}: ${formatGain(gain)}`]),
    ];
  });
}

/** Rows under the head and dataset that each is of, in columns that all of them share; a metric with a long name takes a line of its own where it must. */
function placed(
  metrics: readonly MetricPlace[],
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const cells = [heading, ...rows].map(([metric = '', ...more]) => [`    ${metric}`, ...more]);
  const wide = columns(cells);
  const narrow = columns(cells.map(([, ...more]) => ['     ', ...more]));
  const fits = widest(wide) <= WIDTH;
  const [top = '', ...lines] = fits ? wide : narrow;
  const places = metrics.map(placeOf);
  return [
    ...(top.trim() === '' ? [] : [top]),
    ...lines.flatMap((line, i) => [
      ...(places[i] === places[i - 1] ? [] : [places[i] ?? '']),
      ...(fits ? [line] : [cells[i + 1]?.[0] ?? '', line]),
    ]),
  ];
}

const widest = (lines: readonly string[]): number => Math.max(0, ...lines.map((line) => line.length));

function byPhase<M extends MetricPlace>(metrics: readonly M[]): [string, M[]][] {
  const phases = [...new Set(metrics.map(({ phase }) => phase))];
  return phases.map((phase) => [phase, metrics.filter((metric) => metric.phase === phase)]);
}

/** `  det on rsna, trained gate` */
function placeOf({ head, dataset, gate }: MetricPlace): string {
  return `  ${head} on ${dataset}${gate === 'none' ? '' : `, ${gate} gate`}`;
}

/** `auroc` of `auroc/Effusion`. */
export function measureOf(metric: MeasuredMetric): string {
  return metric.metric.slice(0, -`/${metric.class ?? ''}`.length);
}

/** `p 0.030` */
export function chance(p: number): string {
  return p < 0.001 ? 'p<0.001' : `p ${p.toFixed(3)}`;
}
