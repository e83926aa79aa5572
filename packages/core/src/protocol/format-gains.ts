import type { Measurement } from '../evaluate/measure.js';
import type { MultiTaskGain } from '../evaluate/measure-gains.js';
import { intervalNote, MEDICAL_NOTE } from './format-table.js';

/** `+2.1 % (-0.4, 4.8)` */
export function formatGain({ value, low, high }: Pick<Measurement, 'value' | 'low' | 'high'>): string {
  if (value === undefined) return '-';
  const percent = (share: number): string => (100 * share).toFixed(1);
  const interval = low === undefined || high === undefined ? '' : ` (${percent(low)}, ${percent(high)})`;
  return `${value > 0 ? '+' : ''}${percent(value)} %${interval}`;
}

/** `det on rsna, trained gate` of `det@rsna/trained` */
export function formatTask(key: string): string {
  const [, head = key, dataset = '', gate = ''] = /^(.*)@(.*)\/(.*)$/.exec(key) ?? [];
  return `${head} on ${dataset}${gate === 'none' ? '' : `, ${gate} gate`}`;
}

/** What Delta m is, in two sentences. */
export const GAIN_NOTE =
  "Delta m: the mean over tasks of (multi-task - single task) / single task, the sign turned where lower is better. Each task is a head on a dataset, told by the head's first metric, against a phase of this run that trains that head alone, with as many steps and images a step; a phase of several tasks divides its steps among them. What the phases start from may differ (see their `from`).";

/** All gains of a run as one Markdown table. */
export function formatGainsMarkdown(gains: readonly MultiTaskGain[], seeds: number): string {
  const rows = gains.map(({ phase, steps, baselines, missing, ...gain }) => {
    const pairs = Object.entries(baselines).map(([task, baseline]) => `${formatTask(task)}: ${baseline}`);
    const told = missing.length > 0 ? `none: no baseline of ${missing.map(formatTask).join('; ')}` : formatGain(gain);
    return `| ${phase} | ${steps} | ${pairs.join('<br>')} | ${told} |`;
  });
  const head = ['| Phase | Steps | Tasks and baselines | Delta m (95 % CI) |', '|---|---|---|---|'];
  return [
    ...['# Multi-task gain', '', ...head, ...rows, '', GAIN_NOTE, ''],
    `${intervalNote(seeds)} ${MEDICAL_NOTE}`,
    '',
  ].join('\n');
}
