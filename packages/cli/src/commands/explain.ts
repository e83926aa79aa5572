import {
  harmonise,
  MEDICAL_NOTE,
  MultichexnetError,
  openDatasets,
  PluginRegistryToken,
  writeFileAtomic,
} from '@multichexnet/core';
import type { Logger, PluginRegistry } from '@multichexnet/core';
import { readLocalisations } from '@multichexnet/dataset-chestxray14';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { CliError } from '../errors.js';
import { drawOverlay } from '../explain/draw-overlay.js';
import { scoreMaps, summarise, type FindingScore, type LocalisedFinding } from '../explain/score-maps.js';
import { openTrained, type OpenedRun } from '../open-run.js';
import { wrap } from '../output/style.js';
import { fileWord } from '../predict/cam-overlays.js';
import { choosePhase } from '../predict/choose-phase.js';
import { loadPredictor, type Predictor } from '../predict/load-predictor.js';
import { parseRoots } from '../protocol/prepare-protocol.js';
import { assertWritable } from '../protocol/run-folder.js';
import { parseDevice, startEngine } from '../start-engine.js';

const KIND = 'chestxray14';
const TOLERANCE = 0;
const SHARE = 0.5;

export async function run({ args, logger, signal }: CommandContext): Promise<CommandResult> {
  const opened = await openTrained(args.at(0), logger);
  const phase = choosePhase(opened, args.text('phase'));
  const out = args.text('out');
  if (out !== undefined) await assertWritable(out);
  const most = args.whole('images', 0) ?? 20;
  const tolerance = args.whole('tolerance', 0) ?? TOLERANCE;
  const share = parseShare(args.text('share'));
  const container = createContainer({ logger, plugins: opened.plugins.set });
  const registry = container.get(PluginRegistryToken);
  const found = await findLocalised(opened, args.list('data'), registry, logger);
  const engine = await startEngine(container, { device: parseDevice(args.text('device')) });
  try {
    const predictor = await loadPredictor({ opened, phase, engine, registry, logger });
    try {
      const head = chooseHead(predictor, args.text('head'), found);
      const cam = predictor.gradCam(head);
      const items = found.filter(({ finding }) => cam.targets.includes(finding));
      if (items.length === 0) throw nothingToExplain(`head "${head}" knows no finding`, found);
      const { preprocessing } = predictor;
      const options = { cam, preprocessing, tolerance, share, logger, signal };
      const maps = await scoreMaps(items, options);
      const scores = maps.length === 0 ? [] : summarise(maps, opened.protocol);
      const images: { readonly file: string; readonly finding: string; readonly overlay: string }[] = [];
      if (out !== undefined) await mkdir(out, { recursive: true });
      for (const { sample, finding, ...map } of out === undefined ? [] : maps.slice(0, most)) {
        const overlay = join(out!, `${basename(sample.id).replace(/\.[^.]*$/, '')}.${fileWord(finding)}.png`);
        await writeFileAtomic(overlay, await drawOverlay({ file: sample.image, ...map }));
        images.push({ file: sample.image, finding, overlay });
      }
      cam.dispose();
      const settings = { level: cam.level, tolerance, share };
      return {
        document: {
          run: opened.store.folder,
          phase: phase.name,
          head,
          ...settings,
          scores,
          images,
          notice: MEDICAL_NOTE,
        },
        text: (style) =>
          [
            `${style.bold(phase.name)}  head ${head}, level ${cam.level}`,
            ...formatScores(scores),
            ...(out === undefined ? [] : [`${images.length} overlays in ${out}`]),
            wrap(noteOf(settings), style.width, ''),
            MEDICAL_NOTE,
          ].join('\n'),
        exitCode: signal.aborted ? (signal.reason === 'SIGINT' ? 130 : 143) : 0,
      };
    } finally {
      predictor.dispose();
    }
  } finally {
    engine.dispose();
  }
}

/** Value of `--share`. @throws CliError CLI_OPTION_VALUE */
function parseShare(text: string | undefined): number {
  if (text === undefined) return SHARE;
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new CliError('CLI_OPTION_VALUE', `--share wants a number above 0, at most 1, got "${text}"`);
}

function noteOf({ tolerance, share }: { readonly tolerance: number; readonly share: number }): string {
  return `Grad-CAM on test images of ChestX-ray14 with hand-drawn boxes. Pointing: share of maps whose maximum lies in a box of the finding, or ${tolerance} pixels from it. IoU: of the box around the largest part above ${share} of the maximum. Intervals: 95 %, percentile bootstrap over patients.`;
}

/** Findings with boxes on the images of the test part, as the run divides its patients. */
async function findLocalised(
  { protocol }: OpenedRun,
  data: readonly string[],
  registry: PluginRegistry,
  logger: Logger,
): Promise<LocalisedFinding[]> {
  const own = Object.entries(protocol.datasets).find(([, { kind }]) => kind === KIND);
  const given = parseRoots(data);
  const strange = [...given.keys()].find((kind) => kind !== KIND);
  if (strange !== undefined)
    throw new CliError('CLI_DATA_INVALID', `--data ${strange}: only ${KIND} has boxes to compare with`);
  const root = given.get(KIND) ?? own?.[1].root;
  if (root === undefined)
    throw new CliError('CLI_MISSING_ARGUMENT', `the run knows no ${KIND}: give --data ${KIND}=ROOT`);
  const [name, dataset] = own ?? [KIND, { kind: KIND }];
  const datasets = { ...protocol.datasets, [name]: { ...dataset, root } };
  const samples = (await openDatasets({ ...protocol, datasets }, registry, logger)).get(name)?.samples ?? [];
  const { boxes } = await readLocalisations(resolve(root));
  return samples
    .filter(({ split }) => split === 'test')
    .flatMap((sample) => {
      const marked = (boxes.get(sample.id) ?? []).map((box) => ({ ...box, finding: harmonise(box.finding ?? '') }));
      const findings = [...new Set(marked.map(({ finding }) => finding))];
      return findings.map((finding) => ({ sample, finding, boxes: marked.filter((box) => box.finding === finding) }));
    });
}

/** The head that is named, else the first that knows one of the findings. */
function chooseHead(predictor: Predictor, name: string | undefined, found: readonly LocalisedFinding[]): string {
  if (name !== undefined) return name;
  const findings = new Set(found.map(({ finding }) => finding));
  for (const [head, targets] of predictor.targets) if (targets.some((target) => findings.has(target))) return head;
  throw nothingToExplain('no head of this phase knows a finding', found);
}

function nothingToExplain(who: string, found: readonly LocalisedFinding[]): MultichexnetError {
  const findings = [...new Set(found.map(({ finding }) => finding))].join(', ') || 'there are none';
  return new MultichexnetError(
    'EXPLAIN_NOTHING',
    `${who} that has boxes in the test part: ${findings}; choose another --head or --phase`,
  );
}

function formatScores(scores: readonly FindingScore[]): string[] {
  const cell = ({ value, low, high }: FindingScore['iou']): string => {
    const [v, l, h] = [value, low, high].map((number) => number?.toFixed(2) ?? '-');
    return `${v} (${l}, ${h})`;
  };
  return [
    `  ${'finding'.padEnd(20)} ${'images'.padStart(6)}  ${'pointing'.padEnd(18)}  IoU`,
    ...scores.map(
      ({ finding, images, pointing, iou }) =>
        `  ${finding.padEnd(20)} ${String(images).padStart(6)}  ${cell(pointing).padEnd(18)}  ${cell(iou)}`,
    ),
  ];
}
