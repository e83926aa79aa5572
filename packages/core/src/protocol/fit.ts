import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSource } from '../data/image-source.js';
import { POSITIVE_FINDING } from '../data/open-datasets.js';
import { MultichexnetError } from '../errors.js';
import { balancedDrawer, plainDrawer, teacherForcedDrawer, type BatchDrawer } from '../gate/draw-batch.js';
import { scoreImages, type GateScores } from '../gate/gate-scores.js';
import { loadParameters, readParameters, type HeadModule, type Module, type Parameter } from '../model/network.js';
import { createSchedule } from '../schedule/schedule.js';
import type { Schedule } from '../schedule/turn.js';
import { loadNewestCheckpoint, saveCheckpoint } from '../store/checkpoint.js';
import type { NamedTensor } from '../store/safetensors.js';
import { writeFileAtomic } from '../store/atomic-write.js';
import { isIdentity } from '../train/augment-image.js';
import type { TrainingData } from '../train/batch-stream.js';
import { trainLoop } from '../train/trainer.js';
import { initialiseNetwork } from './phase-state.js';
import type { ResolvedPhase } from './resolve-protocol.js';
import type { RunContext } from './run-context.js';

export interface FitRequest {
  readonly phase: ResolvedPhase;
  readonly heads: Readonly<Record<string, HeadModule>>;
  /** Dataset name -> its samples, divided for this fit. */
  readonly sources: Readonly<Record<string, ImageSource>>;
  /** Where checkpoints and metrics.jsonl go. */
  readonly folder: string;
  /** Shown with the progress. */
  readonly label: string;
}

/** Trains one network from its starting state, or on from its newest checkpoint; its parameters are loaded when this returns. */
export async function fit(context: RunContext, request: FitRequest): Promise<void> {
  const { phase, heads, folder } = request;
  const { seed } = context.protocol;
  const modules: (Module | HeadModule)[] = [context.workbench.pool.encoder, ...Object.values(heads)];
  const parameters = modules.flatMap((module) => module.parameters);
  const parents = new Map(
    await Promise.all(
      [...new Set(Object.values(phase.from))].map(async (name) => [name, await context.parent(name)] as const),
    ),
  );
  // Scoring with a separate gate borrows the layers, so it comes before the network's own starting state.
  for (const { on, train, heads: losses = train } of phase.schedule.turns)
    for (const head of losses) {
      const gate = phase.gate[head];
      if (gate !== undefined && gate !== 'own') await context.gateScores(gate, on);
    }
  initialiseNetwork(phase, modules, parents);
  const schedule = createSchedule(
    phase.schedule,
    Object.fromEntries(Object.entries(request.sources).map(([name, source]) => [name, source.indices('train').length])),
  );
  const data = await trainingData(context, request, schedule);

  const optimizer = context.workbench.optimizer(phase.optimizer, Object.values(heads));
  optimizer.restore({});
  const checkpoint = await loadNewestCheckpoint(folder, context.logger);
  let from = 0;
  if (checkpoint !== undefined) {
    const missing = loadParameters(parameters, checkpoint.model);
    if (missing.length > 0)
      throw new MultichexnetError('CHECKPOINT_CORRUPT', `the checkpoint lacks ${missing.slice(0, 3).join(', ')}`, {
        file: folder,
      });
    optimizer.restore(renameSlots(checkpoint.optimizer, parameters, 'name', 'resource'));
    from = checkpoint.step;
    if (from < phase.steps) context.logger.info(`${request.label}: going on from step ${from}`);
  }
  const history = new StepHistory(join(folder, 'metrics.jsonl'));
  await history.cutAt(from);
  const save = async (step: number): Promise<void> => {
    await history.flush();
    // The optimizer's state is of no use to a phase that is done.
    const slots =
      step < phase.steps ? renameSlots(movedSlots(await optimizer.state()), parameters, 'resource', 'name') : {};
    await saveCheckpoint(folder, { step, model: await readParameters(parameters), optimizer: slots });
  };
  const reached = await trainLoop(
    {
      name: request.label,
      schedule,
      data,
      heads,
      stepOf: (turn) => context.workbench.trainStep({ parts: turn.parts, train: turn.train }, heads, phase),
      steps: phase.steps,
      batchSize: phase.batchSize,
      prefetch: context.protocol.prefetch,
      seed,
      learningRate: phase.learningRate,
      ...(isIdentity(phase.augment) ? {} : { augment: phase.augment }),
      logger: context.logger,
      onStep: async (step, losses) => {
        history.add(step, losses);
        const done = step + 1;
        if (phase.checkpointEvery > 0 && done % phase.checkpointEvery === 0 && done < phase.steps) await save(done);
      },
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    },
    from,
  );
  if (from < phase.steps) await save(reached);
  if (reached < phase.steps)
    throw new MultichexnetError(
      'INTERRUPTED',
      `stopped in ${request.label} after step ${reached} of ${phase.steps}; the same command with --resume goes on from there`,
    );
}

/** Who is drawn: all samples, a fixed share of positives, or by teacher forcing where a gated head trains. */
async function trainingData(
  context: RunContext,
  { phase, heads, sources }: FitRequest,
  schedule: Schedule,
): Promise<Record<string, TrainingData>> {
  const drawer = async (
    gate: string | undefined,
    dataset: string,
    all: readonly number[],
    positives: readonly number[],
    source: ImageSource,
  ): Promise<BatchDrawer> => {
    const { seed } = context.protocol;
    if (gate === undefined)
      return phase.positivePortion > 0
        ? balancedDrawer({ all, positives }, phase.positivePortion, seed, dataset)
        : plainDrawer(all, seed, dataset);
    const { scores, threshold } =
      gate === 'own'
        ? await ownGateScores(context, heads, dataset, source, phase.batchSize)
        : await context.gateScores(gate, dataset);
    const passed = all.filter((index) => (scores[source.samples[index]?.id ?? ''] ?? 0) >= threshold);
    return teacherForcedDrawer({ all, positives, passed }, phase.teacherForcing, seed, dataset);
  };
  const data: Record<string, TrainingData> = {};
  for (const [dataset, source] of Object.entries(sources)) {
    const all = source.indices('train');
    const positives = all.filter((index) => source.samples[index]?.labels.findings[POSITIVE_FINDING] === true);
    const drawers = new Map<string | undefined, BatchDrawer>();
    const gateOf = (heads: readonly string[]): string | undefined =>
      heads.map((head) => phase.gate[head]).find((gate) => gate !== undefined);
    for (const { parts } of schedule.turns)
      for (const part of parts) {
        const gate = gateOf(part.heads);
        if (part.dataset === dataset && !drawers.has(gate))
          drawers.set(gate, await drawer(gate, dataset, all, positives, source));
      }
    data[dataset] = { source, drawerOf: (heads) => drawers.get(gateOf(heads)) as BatchDrawer };
  }
  return data;
}

/** The network's own cls head as a gate, with the parameters that are loaded now. */
export function ownGateScores(
  context: RunContext,
  heads: Readonly<Record<string, HeadModule>>,
  dataset: string,
  source: ImageSource,
  batchSize: number,
): Promise<GateScores> {
  const cls = heads['cls'] as HeadModule;
  const classes = context.datasets.get(dataset)?.index.vocabulary ?? [];
  const inference = context.workbench.inference([cls], batchSize);
  return scoreImages({ inference, head: cls, source, classes, dataset, batchSize, logger: context.logger });
}

/** Without the zeros that the optimizer keeps of parameters that only earlier phases moved: a checkpoint says nothing of what its process did before. */
function movedSlots(slots: Readonly<Record<string, NamedTensor>>): Record<string, NamedTensor> {
  const moved = (key: string): boolean => slots[`${key.slice(0, key.lastIndexOf('/'))}/steps`]?.data[0] !== 0;
  return Object.fromEntries(Object.entries(slots).filter(([key]) => moved(key)));
}

/** Slots are `<parameter>/<slot>`: by resource name in the engine, by stable name in checkpoints. */
function renameSlots(
  slots: Readonly<Record<string, NamedTensor>>,
  parameters: readonly Parameter[],
  from: 'name' | 'resource',
  to: 'name' | 'resource',
): Record<string, NamedTensor> {
  const names = new Map(parameters.map((parameter) => [parameter[from], parameter[to]]));
  return Object.fromEntries(
    Object.entries(slots).flatMap(([key, value]) => {
      const slash = key.lastIndexOf('/');
      const name = names.get(key.slice(0, slash));
      return name === undefined ? [] : [[name + key.slice(slash), value] as const];
    }),
  );
}

/** Losses by step, one JSON line each; lines after a checkpoint that training went back to are dropped. */
class StepHistory {
  private readonly file: string;
  private lines: string[] = [];

  constructor(file: string) {
    this.file = file;
  }

  add(step: number, losses: Readonly<Record<string, number>>): void {
    this.lines.push(`${JSON.stringify({ step, ...losses })}\n`);
  }

  async flush(): Promise<void> {
    if (this.lines.length > 0) await appendFile(this.file, this.lines.join(''));
    this.lines = [];
  }

  async cutAt(step: number): Promise<void> {
    const kept = (await readHistory(this.file)).filter((entry) => entry.step < step);
    await writeFileAtomic(this.file, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }
}

export interface HistoryEntry {
  readonly step: number;
  readonly [loss: string]: number;
}

/** The lines of a metrics.jsonl; a torn last line is left out. */
export async function readHistory(file: string): Promise<HistoryEntry[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as HistoryEntry];
    } catch {
      return [];
    }
  });
}
