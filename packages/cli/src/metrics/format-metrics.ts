import { formatCell } from '@multichexnet/core';
import { columns } from '../output/style.js';
import { plural } from '../output/words.js';
import type { MeasuredMetric } from './measure-phase.js';

/** A block for every phase, a line for every metric. */
export function formatMetrics(metrics: readonly MeasuredMetric[]): string[] {
  const phases = [...new Set(metrics.map(({ phase }) => phase))];
  return phases.flatMap((phase) => {
    const own = metrics.filter((metric) => metric.phase === phase);
    const [heading = '', ...lines] = columns([
      ['  head', 'data', 'metric', 'test part (95 % CI)', ''],
      ...own.map((metric) => [
        `  ${metric.head}`,
        `${metric.dataset}${metric.gate === 'none' ? '' : `, ${metric.gate} gate`}`,
        metric.metric,
        formatCell(metric),
        plural(metric.images, 'image'),
      ]),
    ]);
    return [phase, heading, ...lines];
  });
}
