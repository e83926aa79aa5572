import { MEDICAL_NOTE, PluginRegistryToken } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { formatMetrics } from '../metrics/format-metrics.js';
import { measurePhase, type MeasuredMetric } from '../metrics/measure-phase.js';
import { openRun, phaseOf } from '../open-run.js';
import { formatNotes } from '../output/format-tables.js';

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const opened = await openRun(args.at(0));
  const { store, protocol, plugins } = opened;
  const registry = createContainer({ logger, plugins: plugins.set }).get(PluginRegistryToken);
  const name = args.text('phase');
  const phases = name === undefined ? protocol.phases : [phaseOf(opened, name)];
  const metrics: MeasuredMetric[] = [];
  for (const phase of phases) metrics.push(...(await measurePhase({ store, protocol, phase, registry, logger })));
  const { note } = protocol;
  return {
    document: { run: store.folder, phases: phases.map((phase) => phase.name), metrics, note, notice: MEDICAL_NOTE },
    text: (style) => [...formatMetrics(metrics), '', ...formatNotes(note, style)].join('\n'),
  };
}
