import { lanesFor, MEDICAL_NOTE, PluginRegistryToken } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { isFolder } from '../config/find-config.js';
import { createContainer } from '../create-container.js';
import { openTrained } from '../open-run.js';
import { plural } from '../output/words.js';
import { CliError } from '../errors.js';
import { createCamOverlays, type CamOverlays } from '../predict/cam-overlays.js';
import { choosePhase } from '../predict/choose-phase.js';
import { loadOnnxNetworks, parseRuntime } from '../predict/choose-runtime.js';
import { findShard } from '../predict/find-shard.js';
import { formatPrediction } from '../predict/format-prediction.js';
import { loadPredictor } from '../predict/load-predictor.js';
import { predictFiles } from '../predict/predict-files.js';
import { predictFolder, type FolderResult } from '../predict/predict-folder.js';
import { assertWritable } from '../protocol/run-folder.js';
import { parseDevice, parsePrecision, startEngine } from '../start-engine.js';

export async function run({ args, logger, signal }: CommandContext): Promise<CommandResult> {
  const opened = await openTrained(args.at(0), logger);
  const phase = choosePhase(opened, args.text('phase'));
  const out = args.text('out');
  if (out !== undefined) await assertWritable(out);
  const [first = ''] = args.from(1);
  const folder = args.from(1).length === 1 && (await isFolder(first)) ? first : undefined;
  if (folder !== undefined && out === undefined)
    throw new CliError('CLI_MISSING_ARGUMENT', 'a folder of images wants --out DIR: where results and masks go');
  const findings = args.list('cam');
  if (findings.length > 0 && out === undefined)
    throw new CliError('CLI_MISSING_ARGUMENT', '--cam wants --out DIR: where the heat maps go');
  if (folder === undefined && (args.text('shard') ?? args.text('shards')) !== undefined)
    throw new CliError('CLI_EXTRA_ARGUMENT', 'shards are of a folder of images; give one instead of files');
  const container = createContainer({ logger, plugins: opened.plugins.set });
  const device = parseDevice(args.text('device'));
  const precision = parsePrecision(args.text('precision'));
  const runtime = parseRuntime(args.text('runtime'), { device, precision, cam: findings.length > 0 });
  const lanes = device === 'gpu' ? 1 : lanesFor(folder === undefined ? args.from(1).length : Infinity);
  const onnx = runtime === 'onnxruntime' ? await loadOnnxNetworks() : undefined;
  const engine = await startEngine(container, { device, precision, lanes });
  try {
    const predictor = await loadPredictor({
      opened,
      phase,
      engine,
      registry: container.get(PluginRegistryToken),
      logger,
      ...(onnx === undefined ? {} : { runtime: onnx(engine) }),
    });
    // The networks need it no more: its threads and memory are for them.
    if (onnx !== undefined) engine.dispose();
    let cams: CamOverlays | undefined;
    try {
      if (findings.length > 0) cams = createCamOverlays(predictor, findings);
      const drawn = cams === undefined ? {} : { cams };
      if (folder !== undefined) {
        const shard = findShard(args, process.env);
        const { hash = '' } = (await opened.store.readJson<{ hash: string }>('phases', phase.name, 'phase.json')) ?? {};
        // Shards of one folder must come from the same numbers.
        const model = [
          hash,
          ...(precision === 'float32' ? [] : [precision]),
          ...(onnx === undefined ? [] : [runtime]),
        ].join(' ');
        const head = { run: opened.protocol.name, phase: phase.name, model };
        const result = await predictFolder({
          ...{ predictor, folder, out: out ?? '', shard, lanes, head, logger, signal },
          ...drawn,
        });
        return folderResult(result, signal);
      }
      const files = await predictFiles({
        predictor,
        files: args.from(1),
        lanes,
        logger,
        signal,
        ...drawn,
        ...(out === undefined ? {} : { out }),
      });
      const failed = files.filter(({ error }) => error !== undefined).length;
      return {
        document: {
          run: opened.store.folder,
          phase: phase.name,
          precision,
          ...(onnx === undefined ? {} : { runtime }),
          gateShare: Number(predictor.gateShare().toFixed(3)),
          files,
          notice: MEDICAL_NOTE,
        },
        text: (style) =>
          [
            ...files.map((file) => formatPrediction(file, style)),
            ...(failed === 0 ? [] : [`${plural(failed, 'file')} could not be read.`]),
            ...gateCost(predictor.gateShare()),
            MEDICAL_NOTE,
          ].join('\n'),
        exitCode: signal.aborted ? stoppedBy(signal) : failed > 0 ? 1 : 0,
      };
    } finally {
      cams?.dispose();
      predictor.dispose();
    }
  } finally {
    engine.dispose();
  }
}

function folderResult(result: FolderResult, signal: AbortSignal): CommandResult {
  const { index, count, files, read, failed } = result;
  return {
    document: { ...result, notice: MEDICAL_NOTE },
    text: () =>
      [
        `shard ${index}/${count}: ${plural(files, 'image')}, ${read} read now${failed === 0 ? '' : `, ${failed} of them could not be read`}`,
        MEDICAL_NOTE,
      ].join('\n'),
    exitCode: signal.aborted ? stoppedBy(signal) : 0,
  };
}

/** What a gate costs that is a network of its own: with an own cls head there is one pass in all. */
const gateCost = (share: number): string[] =>
  share === 0 ? [] : [`Separate gates took ${(100 * share).toFixed(0)} % of the networks' time: one more pass each.`];

/** Ctrl-C, or a scheduler that starts the command again. */
const stoppedBy = (signal: AbortSignal): number => (signal.reason === 'SIGINT' ? 130 : 143);
