import { isMultichexnetError } from '@multichexnet/core';
import { findGains, type FoundGain } from '../metrics/find-gains.js';
import { formatGain } from '../metrics/format-metrics.js';
import { escapeText } from '../page/escape-text.js';
import { csv, download } from '../page/figure.js';
import { table } from '../page/table.js';
import type { ReportedRun } from './read-run.js';

/** What learning several tasks together gave over learning each alone; nothing where the run has no such baselines. */
export async function gainSection({ phases, registry, protocol }: ReportedRun): Promise<string> {
  let gains: FoundGain[];
  try {
    gains = await findGains({ phases: phases.finished, measured: phases.measured, registry, protocol });
  } catch (error) {
    if (!isMultichexnetError(error)) throw error;
    return `<section id="gain"><h2>Multi-task gain</h2><p class="bad">${escapeText(`${error.code}: ${error.message}`)}</p></section>`;
  }
  if (gains.length === 0) return '';
  const rows = gains.map((gain) => [
    gain.phase,
    String(gain.steps),
    Object.entries(gain.baselines)
      .map(([task, phase]) => `${taskName(task)}: ${phase}`)
      .join('\n'),
    gain.missing.length > 0 ? `none: no baseline of ${gain.missing.map(taskName).join('; ')}` : formatGain(gain),
    String(phases.measured.get(gain.phase)?.length ?? 0),
  ]);
  const data = gains.map(({ phase, steps, tasks, value, low, high, images, patients }) => [
    ...[phase, steps, tasks.join(' '), value, low, high, images, patients],
  ]);
  const file = csv(['phase', 'steps', 'tasks', 'gain', 'low', 'high', 'images', 'patients'], data);
  return `<section id="gain"><h2>Multi-task gain</h2>
<p>Delta m: the mean over tasks of (multi-task - single task) / single task, the sign turned where lower is better. Each task is a head on a dataset, told by the head's first metric, against a phase of this run that trains that head alone, with as many steps and images a step; a phase of several tasks divides its steps among them. What the phases start from may differ (see their <code>from</code>).</p>
${table(['phase', 'steps', 'tasks and baselines', 'Delta m (95 % CI)', 'seeds'], rows)}
<p>${download('gain.csv', 'text/csv', file, 'multi-task gain (CSV)')}</p></section>`;
}

/** `det on rsna, trained gate` of `det@rsna/trained` */
function taskName(task: string): string {
  const [, head = task, dataset = '', gate = ''] = /^(.*)@(.*)\/(.*)$/.exec(task) ?? [];
  return `${head} on ${dataset}${gate === 'none' ? '' : `, ${gate} gate`}`;
}
