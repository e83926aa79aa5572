import {
  formatGain,
  formatTask,
  GAIN_NOTE,
  isMultichexnetError,
  measureGains,
  type MultiTaskGain,
  type PhaseEvaluations,
} from '@multichexnet/core';
import { escapeText } from '../page/escape-text.js';
import { csv, download } from '../page/figure.js';
import { table } from '../page/table.js';
import type { ReportedRun } from './read-run.js';

/** What learning several tasks together gave over learning each alone; nothing where the run has no such baselines. */
export async function gainSection({ phases, registry, protocol }: ReportedRun): Promise<string> {
  let gains: MultiTaskGain[];
  try {
    const evaluations = (phase: string): Promise<PhaseEvaluations[]> =>
      Promise.all(
        (phases.measured.get(phase) ?? []).map(
          async (store) => (await store.readJson<PhaseEvaluations>('phases', phase, 'evaluation.json')) ?? {},
        ),
      );
    gains = await measureGains({ phases: phases.finished, registry, settings: protocol, evaluations });
  } catch (error) {
    if (!isMultichexnetError(error)) throw error;
    return `<section id="gain"><h2>Multi-task gain</h2><p class="bad">${escapeText(`${error.code}: ${error.message}`)}</p></section>`;
  }
  if (gains.length === 0) return '';
  const rows = gains.map((gain) => [
    gain.phase,
    String(gain.steps),
    Object.entries(gain.baselines)
      .map(([task, phase]) => `${formatTask(task)}: ${phase}`)
      .join('\n'),
    gain.missing.length > 0 ? `none: no baseline of ${gain.missing.map(formatTask).join('; ')}` : formatGain(gain),
    String(phases.measured.get(gain.phase)?.length ?? 0),
  ]);
  const data = gains.map(({ phase, steps, baselines, value, low, high, images, patients }) => [
    ...[phase, steps, Object.keys(baselines).join(' '), value, low, high, images, patients],
  ]);
  const file = csv(['phase', 'steps', 'tasks', 'gain', 'low', 'high', 'images', 'patients'], data);
  return `<section id="gain"><h2>Multi-task gain</h2>
<p>${escapeText(GAIN_NOTE).replaceAll('`', '')}</p>
${table(['phase', 'steps', 'tasks and baselines', 'Delta m (95 % CI)', 'seeds'], rows)}
<p>${download('gain.csv', 'text/csv', file, 'multi-task gain (CSV)')}</p></section>`;
}
