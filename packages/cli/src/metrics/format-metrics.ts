import { formatCell, formatDifference, formatGain, formatUntuned } from '@multichexnet/core';
import { columns, wrap } from '../output/style.js';
import { plural } from '../output/words.js';
import type { Comparison, PhaseGain } from './compare-phases.js';
import type { MeasuredGroup, MeasuredMetric } from './measure-phase.js';
import type { MetricPlace } from './phase-statistics.js';

/** Measures of a table by class at most; `--json` has all. */
const CLASS_COLUMNS = 3;
const WIDTH = 80;

/** A block for every phase: under each head and dataset a line for every metric, then a table by class where a head has classes. */
export function formatMetrics(metrics: readonly MeasuredMetric[], width = WIDTH): string[] {
  return byPhase(metrics).flatMap(([phase, own]) => {
    const whole = own.filter((metric) => metric.class === undefined);
    return [
      phase,
      ...placed(
        whole,
        ['', 'test part (95 % CI)', ''],
        whole.map((metric) => [metric.metric, formatMeasured(metric), plural(metric.images, 'image')]),
        width,
      ),
      ...formatClasses(
        own.filter((metric) => metric.class !== undefined),
        width,
      ),
      ...untunedNotes(own).map((line) => wrap(line, width, '  ')),
    ];
  });
}

/** {@link formatCell}, with a star where a default threshold has a part in it. */
export function formatMeasured(metric: MeasuredMetric | MeasuredGroup): string {
  return `${formatCell(metric)}${metric.untuned === undefined || metric.value === undefined ? '' : '*'}`;
}

/** What the stars of these metrics mean, a line for every head and dataset. */
export function untunedNotes(metrics: readonly (MeasuredMetric | MeasuredGroup)[]): string[] {
  const places = new Map<string, Set<string>>();
  for (const metric of metrics)
    for (const name of (metric.value === undefined ? undefined : metric.untuned) ?? []) {
      const place = placeOf(metric).trim();
      places.set(place, (places.get(place) ?? new Set()).add(name));
    }
  return [...places].map(([place, names]) => `* ${place}: ${formatUntuned([...names])}`);
}

/** A line for every class, under a heading for each head and dataset. */
function formatClasses(metrics: readonly MeasuredMetric[], width: number): string[] {
  const places = new Map<string, MeasuredMetric[]>();
  for (const metric of metrics) {
    const place = placeOf(metric);
    places.set(place, [...(places.get(place) ?? []), metric]);
  }
  return [...places].flatMap(([place, own]) => {
    const classes = [...new Set(own.map((metric) => metric.class ?? ''))];
    const cell = (name: string, measure: string): string => {
      const metric = own.find((candidate) => candidate.class === name && measureOf(candidate) === measure);
      return metric === undefined ? '' : formatMeasured(metric);
    };
    const lines = (measures: readonly string[]): string[] =>
      columns([
        ['    class', ...measures],
        ...classes.map((name) => [`    ${name}`, ...measures.map((measure) => cell(name, measure))]),
      ]);
    const measures = [...new Set(own.map(measureOf))].slice(0, CLASS_COLUMNS);
    const fits = measures.findLastIndex((_, i) => widest(lines(measures.slice(0, i + 1))) <= width);
    if (fits >= 0) return [place, ...lines(measures.slice(0, fits + 1))];
    const few = measures.slice(0, 2);
    const rows = classes.map((name) => [name, ...few.map((measure) => cell(name, measure))]);
    return placed(own.slice(0, classes.length), ['', ...few], rows, width);
  });
}

/** A line for every metric in every group; metrics of one class are left to `--json` unless they were asked for. */
export function formatGroups(groups: readonly MeasuredGroup[], asked: readonly string[], width = WIDTH): string[] {
  const shown = groups.filter((group) => group.class === undefined || asked.includes(group.metric));
  return byPhase(shown).flatMap(([phase, own]) => [
    phase,
    ...placed(
      own,
      ['', own[0]?.by ?? '', 'test part (95 % CI)', ''],
      own.map((group) => [
        group.metric,
        group.group ?? 'unknown',
        formatMeasured(group),
        plural(group.images, 'image'),
      ]),
      width,
    ),
    ...untunedNotes(own).map((line) => wrap(line, width, '  ')),
  ]);
}

/** A line for every difference, with its p-value after Holm where there are several, and Delta m over the tasks of a phase. */
export function formatComparisons(
  comparisons: readonly Comparison[],
  gains: readonly PhaseGain[] = [],
  width = WIDTH,
): string[] {
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
        width,
      ),
      ...(gain === undefined
        ? []
        : [`  multi-task gain (Delta m) over ${plural(gain.tasks.length, 'task')}: ${formatGain(gain)}`]),
    ];
  });
}

/**
 * Rows under the head and dataset that each is of, in columns that all of them share; a metric with a long name takes a line of its own where it must, and
 * so does a group.
 */
function placed(
  metrics: readonly MetricPlace[],
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  /** With so many leading cells of a row above it. */
  const layout = (above: number): string[] =>
    columns([heading, ...rows].map((row) => [INDENTS[above] ?? '', ...row.slice(above)]));
  const layouts = [columns([heading, ...rows].map(([first = '', ...more]) => [`    ${first}`, ...more])), layout(1)];
  const fit = layouts.findIndex((lines) => widest(lines) <= width);
  const above = fit < 0 ? 2 : fit;
  const [top = '', ...lines] = layouts[above] ?? layout(above);
  const places = metrics.map(placeOf);
  return [
    ...(top.trim() === '' ? [] : [top]),
    ...lines.flatMap((line, i) => {
      const same = places[i] === places[i - 1];
      // What stands on a line of its own stands there once for the rows that follow.
      const titles = (rows[i] ?? []).slice(0, above);
      const changed = titles.findIndex((title, k) => title !== rows[i - 1]?.[k]);
      const first = same ? (changed < 0 ? above : changed) : 0;
      return [
        ...(same ? [] : [places[i] ?? '']),
        ...titles.flatMap((title, k) =>
          k < first || title === '' ? [] : [wrap(title, width, `    ${'  '.repeat(k)}`)],
        ),
        line,
      ];
    }),
  ];
}

/** Of the columns that are left, by how many stand above them. */
const INDENTS = ['', '     ', '      '];

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
