import { MEDICAL_NOTE, PluginRegistryToken } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { openRun } from '../open-run.js';
import { plural } from '../output/words.js';
import { choosePhase } from '../predict/choose-phase.js';
import { formatPrediction } from '../predict/format-prediction.js';
import { loadPredictor } from '../predict/load-predictor.js';
import { predictFiles } from '../predict/predict-files.js';
import { assertWritable } from '../protocol/run-folder.js';
import { parseDevice, startEngine } from '../start-engine.js';

export async function run({ args, logger, signal }: CommandContext): Promise<CommandResult> {
  const opened = await openRun(args.at(0));
  const phase = choosePhase(opened, args.text('phase'));
  const out = args.text('out');
  if (out !== undefined) await assertWritable(out);
  const container = createContainer({ logger, plugins: opened.plugins.set });
  const engine = await startEngine(container, { device: parseDevice(args.text('device')) });
  try {
    const predictor = await loadPredictor({
      opened,
      phase,
      engine,
      registry: container.get(PluginRegistryToken),
      logger,
    });
    try {
      const files = await predictFiles({
        predictor,
        files: args.from(1),
        logger,
        signal,
        ...(out === undefined ? {} : { out }),
      });
      const failed = files.filter(({ error }) => error !== undefined).length;
      return {
        document: { run: opened.store.folder, phase: phase.name, files, notice: MEDICAL_NOTE },
        text: (style) =>
          [
            ...files.map((file) => formatPrediction(file, style)),
            ...(failed === 0 ? [] : [`${plural(failed, 'file')} could not be read.`]),
            MEDICAL_NOTE,
          ].join('\n'),
        exitCode: signal.aborted ? 130 : failed > 0 ? 1 : 0,
      };
    } finally {
      predictor.dispose();
    }
  } finally {
    engine.dispose();
  }
}
