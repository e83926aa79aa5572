import {
  harmonise,
  MEDICAL_NOTE,
  MultichexnetError,
  openDatasets,
  PluginRegistryToken,
  writeFileAtomic,
} from '@multichexnet/core';
import type { Logger, PluginRegistry, ResolvedPhase, SplitSample } from '@multichexnet/core';
import { readLocalisations } from '@multichexnet/dataset-chestxray14';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { CliError } from '../errors.js';
import { chooseExplained, taughtFindings, type Explainable } from '../explain/choose-explained.js';
import { drawOverlay } from '../explain/draw-overlay.js';
import { scoreMaps, summarise, type FindingScore, type LocalisedFinding } from '../explain/score-maps.js';
import { openTrained, phaseOf, type OpenedRun } from '../open-run.js';
import { wrap } from '../output/style.js';
import { fileWord } from '../predict/cam-overlays.js';
import { loadPredictor, type Predictor } from '../predict/load-predictor.js';
import { parseRoots } from '../protocol/prepare-protocol.js';
import { assertWritable } from '../protocol/run-folder.js';
import { parseDevice, startEngine } from '../start-engine.js';

const KIND = 'chestxray14';
const TOLERANCE = 0;
const SHARE = 0.5;

export async function run({ args, logger, signal }: CommandContext): Promise<CommandResult> {
  const opened = await openTrained(args.at(0), logger);
  const named = args.text('phase');
  if (named !== undefined) phaseOf(opened, named);
  const out = args.text('out');
  if (out !== undefined) await assertWritable(out);
  const most = args.whole('images', 0) ?? 20;
  const tolerance = args.whole('tolerance', 0) ?? TOLERANCE;
  const share = parseShare(args.text('share'));
  const container = createContainer({ logger, plugins: opened.plugins.set });
  const registry = container.get(PluginRegistryToken);
  const { found, labelled } = await findLocalised(opened, args.list('data'), registry, logger);
  const explainable = {
    phases: await finishedPhases(opened),
    labelled,
    findings: new Set(found.map(({ finding }) => finding)),
    registry,
  };
  const phase = named === undefined ? chooseExplained(explainable, args.text('head')) : phaseOf(opened, named);
  const engine = await startEngine(container, { device: parseDevice(args.text('device')) });
  try {
    const predictor = await loadPredictor({ opened, phase, engine, registry, logger });
    try {
      const head = chooseHead(predictor, args.text('head'), explainable, phase, found);
      const cam = predictor.gradCam(head);
      const items = found.filter(({ finding }) => cam.targets.includes(finding));
      if (items.length === 0) throw nothingToExplain(`head "${head}" knows no finding`, found);
      const taught = taughtFindings(explainable, phase, head);
      const untaught = [...new Set(items.map(({ finding }) => finding))].filter((finding) => !taught.includes(finding));
      if (untaught.length > 0)
        logger.warn(
          `no image ever taught head "${head}" of ${phase.name} what is ${untaught.join(', ')}: its maps of them mean nothing`,
        );
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

/** Findings with boxes on the images of the test part, as the run divides its patients, and what the training parts of its datasets label. */
async function findLocalised(
  { protocol }: OpenedRun,
  data: readonly string[],
  registry: PluginRegistry,
  logger: Logger,
): Promise<{ readonly found: LocalisedFinding[]; readonly labelled: Explainable['labelled'] }> {
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
  const all = await openDatasets({ ...protocol, datasets }, registry, logger);
  const { boxes } = await readLocalisations(resolve(root));
  const found = (all.get(name)?.samples ?? [])
    .filter(({ split }) => split === 'test')
    .flatMap((sample) => {
      const marked = (boxes.get(sample.id) ?? []).map((box) => ({ ...box, finding: harmonise(box.finding ?? '') }));
      const findings = [...new Set(marked.map(({ finding }) => finding))];
      return findings.map((finding) => ({ sample, finding, boxes: marked.filter((box) => box.finding === finding) }));
    });
  const labelled = new Map([...all].map(([dataset, { samples }]) => [dataset, labelledFindings(samples)] as const));
  return { found, labelled };
}

function labelledFindings(samples: readonly SplitSample[]): Set<string> {
  return new Set(samples.flatMap(({ split, labels }) => (split === 'train' ? Object.keys(labels.findings) : [])));
}

async function finishedPhases({ store, protocol }: OpenedRun): Promise<ResolvedPhase[]> {
  const phases: ResolvedPhase[] = [];
  for (const phase of protocol.phases) if (await store.exists('phases', phase.name, 'phase.json')) phases.push(phase);
  return phases;
}

/** The head that is named, else the one that was taught most of the findings, else the first that knows one. */
function chooseHead(
  { targets }: Predictor,
  name: string | undefined,
  explainable: Explainable,
  phase: ResolvedPhase,
  found: readonly LocalisedFinding[],
): string {
  if (name !== undefined) return name;
  const able = [...targets].filter(([, all]) => all.some((target) => explainable.findings.has(target)));
  const taught = (head: string): number => taughtFindings(explainable, phase, head).length;
  const [best] = able.map(([head]) => head).sort((a, b) => taught(b) - taught(a));
  if (best === undefined) throw nothingToExplain('no head of this phase knows a finding', found);
  return best;
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
