import {
  isMultichexnetError,
  type BootstrapSettings,
  type CountedClass,
  type FoldRecords,
  type Logger,
  type PhaseEvaluations,
  type ResolvedPhase,
} from '@multichexnet/core';
import { formatMeasured, measureOf, untunedNotes } from '../metrics/format-metrics.js';
import { measureGroups, measurePhase, type MeasuredGroup, type MeasuredMetric } from '../metrics/measure-phase.js';
import { firstMetrics } from '../metrics/phase-statistics.js';
import { escapeText } from '../page/escape-text.js';
import { csv, download } from '../page/figure.js';
import { table } from '../page/table.js';
import { describeWork } from '../protocol/describe-phase.js';
import { classCurves, diceFigure, frocFigure, type CurvePlace, type SeedRecords } from './curve-figures.js';
import { classScores, confusionAt } from './curves.js';
import { describeSteps } from './describe-steps.js';
import { lossFigures } from './loss-figures.js';
import { trainedPhase, type ReportedRun } from './read-run.js';
import { list } from './tables-section.js';

/** What test images are told apart by. */
const GROUPS = ['sex', 'age', 'view', 'source'] as const;

/** One phase, closed until it is opened: its losses, and for every head its metrics, classes, groups and curves. */
export async function phaseSection(
  run: ReportedRun,
  phase: ResolvedPhase,
  logger: Logger,
  open: boolean,
): Promise<string> {
  const parts = [`<div class="figures">${(await lossFigures(run.phases.store, phase)).join('')}</div>`];
  try {
    parts.push(...(await headParts(run, phase, logger)));
  } catch (error) {
    if (!isMultichexnetError(error)) throw error;
    parts.push(`<p class="bad">${escapeText(`${error.code}: ${error.message}`)}</p>`);
  }
  return `<details id="${escapeText(`phase-${phase.name}`)}"${open ? ' open' : ''}><summary>${escapeText(`${phase.name}: ${describeWork(phase)}, ${describeSteps(trainedPhase(run, phase))}`)}</summary>
${parts.join('\n')}</details>`;
}

async function headParts(run: ReportedRun, phase: ResolvedPhase, logger: Logger): Promise<string[]> {
  const { registry, protocol, phases } = run;
  const settings: BootstrapSettings = protocol;
  const stores = phases.measured.get(phase.name) ?? [];
  const request = { stores, phase, registry, protocol: settings, logger };
  const measured = await measurePhase(request);
  const only = firstMetrics(registry, phase);
  const groups: MeasuredGroup[] = [];
  for (const by of GROUPS) groups.push(...(await measureGroups({ ...request, only }, by)));
  const seeds: { readonly seed: number; readonly evaluations: PhaseEvaluations }[] = [];
  for (const store of stores) {
    const evaluations = (await store.readJson<PhaseEvaluations>('phases', phase.name, 'evaluation.json')) ?? {};
    seeds.push({ seed: run.protocol.seeds?.[run.seeds.indexOf(store)] ?? 0, evaluations });
  }
  const parts: string[] = [];
  for (const [key, folds] of Object.entries(seeds[0]?.evaluations ?? {})) {
    const own = measured.filter((metric) => keyOf(metric) === key);
    const [first] = own;
    if (first === undefined) continue;
    const where = `${first.head} on ${first.dataset}${first.gate === 'none' ? '' : `, ${first.gate} gate`}`;
    const file = `${phase.name}-${first.head}-${first.dataset}-${first.gate}`;
    const records = seeds.map(({ seed, evaluations }) => ({ seed, records: recordsOf(evaluations[key] ?? []) }));
    const place = { seeds: records as [SeedRecords, ...SeedRecords[]], where: `${phase.name}: ${where}`, file };
    parts.push(
      `<h3>${escapeText(place.where)}</h3>`,
      `<div class="beside"><div>${metricTable(own, { seeds: stores.length, fits: folds.length }, file)}</div><div class="figures">${(await curvesOf(own, place)).join('')}</div></div>`,
      ...classTables(own, folds),
      groupTable(groups.filter((group) => keyOf(group) === key)),
    );
  }
  return parts;
}

const keyOf = ({ head, dataset, gate }: MeasuredMetric | MeasuredGroup): string => `${head}@${dataset}/${gate}`;

function metricTable(
  metrics: readonly MeasuredMetric[],
  { seeds, fits }: { readonly seeds: number; readonly fits: number },
  file: string,
): string {
  const whole = metrics.filter((metric) => metric.class === undefined);
  const rows = whole.map((metric) => [metric.metric, formatMeasured(metric)]);
  const { images, patients } = whole[0] ?? { images: 0, patients: 0 };
  const data = csv(
    ['metric', 'value', 'low', 'high', 'images', 'patients'],
    metrics.map(({ metric, value, low, high, images: n, patients: p }) => [metric, value, low, high, n, p]),
  );
  const means = [...(seeds > 1 ? [`${seeds} seeds`] : []), ...(fits > 1 ? [`${fits} folds`] : [])];
  const folds =
    fits > 1
      ? ' Each fold has a network of its own, measured on its own test images; a metric is the mean over the folds in which it is defined; curves put the scores of all folds together.'
      : '';
  return `<p>${images} test images of ${patients} patients${means.length > 0 ? `, means of ${means.join(' of ')}` : ''}.${folds} ${download(`${file}-metrics.csv`, 'text/csv', data, 'all metrics (CSV)')}</p>
${table(['metric', 'test part (95 % CI)'], rows)}
${flatNote(metrics)}
${list(untunedNotes(metrics))}`;
}

/** Of an interval without width, all resamples say the same, which a bootstrap does for few images that are all right or all wrong. */
function flatNote(metrics: readonly MeasuredMetric[]): string {
  const flat = metrics.filter(({ low, high }) => low !== undefined && low === high);
  return flat.length === 0
    ? ''
    : `<p class="small">${escapeText(
        `No width is no certainty: where few images are all right or all wrong, as for ${flat
          .map(({ metric }) => metric)
          .slice(0, 3)
          .join(', ')}, every resample says the same, and other patients need not.`,
      )}</p>`;
}

/** A row for every class with its metrics, and its confusion matrix at the threshold that validation chose. */
function classTables(metrics: readonly MeasuredMetric[], folds: readonly FoldRecords[]): string[] {
  const own = metrics.filter((metric) => metric.class !== undefined && metric.value !== undefined);
  if (own.length === 0) return [];
  const measures = [...new Set(own.map(measureOf))];
  const classes = [...new Set(own.map((metric) => metric.class ?? ''))];
  const find = (name: string, measure: string): MeasuredMetric | undefined =>
    own.find((metric) => metric.class === name && measureOf(metric) === measure);
  const counts = metrics.find((metric) => metric.classes !== undefined)?.classes;
  const rows = classes.map((name) => [
    name,
    ...(counts === undefined ? [] : [positivesOf(counts.find((one) => one.name === name))]),
    ...measures.map((measure) => {
      const metric = find(name, measure);
      return metric === undefined ? '-' : formatMeasured(metric);
    }),
  ]);
  const tables = [table(['class', ...(counts === undefined ? [] : ['positives']), ...measures], rows)];
  const confusions = classScores(recordsOf(folds)('findings'), classesOf(metrics)).flatMap((scores) => {
    const { chosen: threshold, untuned } = find(scores.name, 'f1') ?? {};
    if (typeof threshold !== 'number') return [];
    const { truePositives, falseNegatives, falsePositives, trueNegatives } = confusionAt(scores, threshold);
    const counts = [truePositives, falseNegatives, falsePositives, trueNegatives].map((n) => n.toLocaleString('en'));
    return [[scores.name, `${threshold.toFixed(3)}${untuned === undefined ? '' : '*'}`, ...counts]];
  });
  if (confusions.length > 0)
    tables.push(
      '<h4>Confusion matrices, at the thresholds of the highest F1 on validation (* default, not tuned)</h4>',
      table(['class', 'threshold', 'present, called', 'present, missed', 'absent, called', 'absent, left'], confusions),
    );
  return tables;
}

function positivesOf(counted: CountedClass | undefined): string {
  return counted === undefined ? '-' : `${counted.positives} of ${counted.positives + counted.negatives}`;
}

function groupTable(groups: readonly MeasuredGroup[]): string {
  const told = GROUPS.flatMap((by) => {
    const own = groups.filter((group) => group.by === by);
    return own.some(({ group }) => group !== undefined) ? own : [];
  });
  if (told.length === 0) return list(['No subgroups: the dataset tells no sex, age, view or source.']);
  const rows = told.map((group) => [
    group.by,
    group.group ?? 'unknown',
    group.metric,
    formatMeasured(group),
    group.images.toLocaleString('en'),
    group.patients.toLocaleString('en'),
  ]);
  return `<h4>Subgroups</h4>${table(['by', 'group', 'metric', 'test part (95 % CI)', 'images', 'patients'], rows)}`;
}

async function curvesOf(metrics: readonly MeasuredMetric[], place: CurvePlace): Promise<string[]> {
  const classes = classesOf(metrics);
  const { records } = place.seeds[0];
  if (classScores(records('findings'), classes).length > 0) return classCurves(place, classes, metrics);
  return [
    ...(records('boxes').length === 0 ? [] : await frocFigure(place)),
    ...(records('overlap').length === 0 ? [] : [await diceFigure(place)]),
  ];
}

/** Of all folds together. */
function recordsOf(folds: readonly FoldRecords[]): (name: string) => readonly unknown[] {
  return (name) => folds.flatMap(({ test }) => test.metrics[name] ?? []);
}

function classesOf(metrics: readonly MeasuredMetric[]): string[] {
  return [...new Set(metrics.flatMap((metric) => (metric.class === undefined ? [] : [metric.class])))];
}
