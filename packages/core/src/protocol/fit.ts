import { join } from 'node:path';
import type { ImageSource } from '../data/image-source.js';
import { POSITIVE_FINDING } from '../data/open-datasets.js';
import { takeShots } from '../data/take-shots.js';
import { ownPlaces } from '../distributed/own-places.js';
import { MultichexnetError } from '../errors.js';
import { teacherForcedDrawer, type BatchDrawer } from '../gate/draw-batch.js';
import { createDrawer } from '../gate/sampling.js';
import { scoreImages, type GateScores } from '../gate/gate-scores.js';
import type { HeadModule, Module } from '../model/network.js';
import { createSchedule } from '../schedule/schedule.js';
import type { Schedule } from '../schedule/turn.js';
import { assertNotStopped, stopError, stopReason } from '../run/stop-signal.js';
import { hashValue } from '../store/hash.js';
import { EventFile, scalarTags } from '../tensorboard/event-file.js';
import { isIdentity } from '../train/augment-image.js';
import type { TrainingData } from '../train/batch-stream.js';
import { isValidated } from '../train/best-validation.js';
import { describeBadStep, endDiverged, skippedInARow } from '../train/step-guard.js';
import { StepHistory } from '../train/step-history.js';
import { looksBack, stepPosition } from '../train/step-position.js';
import { tasksOf } from '../train/trace-gradients.js';
import { SKIPPED } from '../train/step-numbers.js';
import { trainLoop, type TrainingLoop } from '../train/trainer.js';
import { initialiseNetwork } from './phase-state.js';
import type { ResolvedPhase } from './resolved-phase.js';
import { ownSignal, type RunContext } from './run-context.js';
import { splitSeed } from './split-seed.js';
import { createWeighting } from '../weighting/create-weighting.js';
import { Selection } from './selection.js';
import { TrainingState } from './training-state.js';

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
  const { ranks } = context;
  const first = ranks === undefined || ranks.group.rank === 0;
  if (ranks !== undefined) assertOfSums(phase);
  const batchSize = phase.batchSize * phase.accumulate;
  const places = ranks && ownPlaces(ranks.group, batchSize, phase.accumulate);
  const { seed } = context.protocol;
  const modules: (Module | HeadModule)[] = [context.workbench.pool.encoder, ...Object.values(heads)];
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
  await ranks?.talk.agree({ 'the batches drawn': hashDraws(schedule, data, batchSize, seed) });

  const { start } = createWeighting(phase.weighting) ?? {};
  const numbers = context.workbench.taskNumbers(phase.weighting, [...new Set(schedule.turns.flatMap(tasksOf))]);
  const state = new TrainingState({
    folder,
    parameters: modules.flatMap((module) => module.parameters),
    optimizer: context.workbench.optimizer(phase.optimizer, Object.values(heads)),
    ...(phase.ema > 0 ? { average: context.workbench.average } : {}),
    ...(start === undefined ? {} : { numbers: { parameters: numbers, start } }),
    logger: context.logger,
    ...(ranks === undefined ? {} : { talk: ranks.talk }),
  });
  const from = await state.begin();
  if (from > 0 && from < phase.steps) context.logger.info(`${request.label}: going on from step ${from}`);
  const history = new StepHistory(join(folder, 'metrics.jsonl'));
  await history.cutAt(from, first);
  // What is made of earlier steps every rank must know alike.
  if (looksBack(phase)) await ranks?.talk.agree({ 'the numbers of earlier steps': hashValue(history.entries) });
  const selection = selectionOf(context, request, state, history);
  const isOver = (steps: number): boolean => steps >= phase.steps || selection?.over === true;
  const finished = isOver(from);
  const board = first && !finished ? new EventFile(join(folder, 'tb'), from) : undefined;
  const save = async (step: number, done: boolean): Promise<void> => {
    if (!first) return;
    await history.flush();
    await board?.flush();
    await state.save(step, done);
  };
  const loop: TrainingLoop = {
    name: request.label,
    schedule,
    data,
    heads,
    stepOf: ({ parts, train }, step) =>
      context.workbench.trainStep({ parts, train }, heads, phase, {
        ranks,
        logGradients: phase.logGradients > 0 && step % phase.logGradients === 0,
      }),
    steps: phase.steps,
    batchSize,
    ...(places === undefined ? {} : { places }),
    prefetch: context.protocol.prefetch,
    seed,
    positionOf: (step, turn) => {
      const { better } = selection ?? {};
      return stepPosition(phase, { seed, step, steps: phase.steps, turn, history: history.entries, better });
    },
    ...(isIdentity(phase.augment) ? {} : { augment: phase.augment }),
    logger: context.logger,
    checkpoint: () => state.checkpoint,
    onStep: async (step, given, position) => {
      const done = step + 1;
      const validated = phase.select !== undefined && isValidated(done, phase.select);
      const values = validated ? { ...given, ...(await selection?.measure()) } : given;
      history.add(step, values);
      await board?.add(step, scalarTags(history.entries.at(-1) ?? {}, position.learningRate));
      if (values[SKIPPED] === 1) {
        const what = describeBadStep(given, position.normLimit ?? Infinity) ?? 'it was bad';
        const skipped = skippedInARow(history.entries);
        context.logger.warn(`${request.label}: step ${step} moved nothing: ${what}`);
        if (skipped >= phase.guard.skips) {
          if (done < phase.steps) await save(done, false);
          endDiverged({ name: request.label, step, skipped, what, checkpoint: state.checkpoint ?? folder });
        }
      }
      if (validated && first) await selection?.keepBest();
      if (isOver(done)) return true;
      if (phase.checkpointEvery > 0 && done % phase.checkpointEvery === 0) await save(done, false);
      return false;
    },
    ...stopping(context),
  };
  if (!finished)
    assertNotStopped(
      ownSignal(context),
      `stopped in ${request.label} before step ${from} of ${phase.steps}; the same command with --resume goes on from there`,
    );
  const reached = finished ? from : await trainLoop(loop, from);
  const over = isOver(reached);
  if (!finished) {
    if (over && first) await selection?.restore(reached);
    const started = performance.now();
    await save(reached, over);
    // A scheduler gives a process that it ends only so much time.
    if (!over && first)
      context.logger.info(`${request.label}: saved in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  if (over && first) await selection?.discard();
  // From here on rank 0 goes on alone.
  await ranks?.leave();
  await state.loadEvaluated();
  if (!over)
    throw stopError(
      (ranks === undefined ? stopReason(context.signal) : ranks.stop.reason) ?? 'interrupted',
      `stopped in ${request.label} after step ${reached} of ${phase.steps}; the same command with --resume goes on from there`,
    );
}

/** Who chooses the weights by validation, where the phase asks for it. */
function selectionOf(
  context: RunContext,
  { phase, heads, sources, folder, label }: FitRequest,
  state: TrainingState,
  history: StepHistory,
): Selection | undefined {
  const { select } = phase;
  if (select === undefined) return undefined;
  const source = sources[select.on] as ImageSource;
  return new Selection({ context, phase, select, heads, source, state, history, folder, label });
}

/** Several ranks add up the gradients of their parts: what needs the gradients of each whole loss cannot be computed from that sum. */
function assertOfSums({ name, weighting, logGradients }: ResolvedPhase): void {
  const what =
    weighting.kind !== 'static' && weighting.kind !== 'dwa'
      ? `weighting "${weighting.kind}"`
      : logGradients > 0
        ? 'logGradients'
        : undefined;
  if (what !== undefined)
    throw new MultichexnetError(
      'RANKS_WEIGHTING',
      `phase "${name}": ${what} needs the gradients of each whole loss, of which a process has a part; train it in one process, or with static or dwa weights`,
    );
}

/** Of the first batches: what a gate lets through may differ from one kind of machine to another. */
function hashDraws(
  schedule: Schedule,
  data: Readonly<Record<string, TrainingData>>,
  batchSize: number,
  seed: number,
): string {
  const turns = Array.from({ length: COMPARED_TURNS }, (_, step) => schedule.turn(step, seed));
  return hashValue(
    turns.flatMap(({ parts, visits }) =>
      parts.map(({ dataset, heads }, p) => data[dataset]?.drawerOf(heads).draw(visits[p] ?? 0, batchSize)),
    ),
  );
}

const COMPARED_TURNS = 100;

/** Several ranks must agree to stop; a process that trains alone stops when it is asked to. */
function stopping({ ranks, signal }: RunContext): Pick<TrainingLoop, 'signal' | 'stopAgreed'> {
  if (ranks !== undefined) return { stopAgreed: () => ranks.stop.reason !== undefined };
  return signal === undefined ? {} : { signal };
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
      return createDrawer({ ...phase, all, positives, samples: source.samples, seed, name: dataset });
    const { scores, threshold } =
      gate === 'own'
        ? await ownGateScores(context, heads, dataset, source, phase)
        : await context.gateScores(gate, dataset);
    const passed = all.filter((index) => (scores[source.samples[index]?.id ?? ''] ?? 0) >= threshold);
    return teacherForcedDrawer({ all, positives, passed }, phase.teacherForcing, seed, dataset);
  };
  const data: Record<string, TrainingData> = {};
  for (const [dataset, source] of Object.entries(sources)) {
    const all =
      phase.shots === undefined
        ? source.indices('train')
        : takeShots(source.samples, source.indices('train'), phase.shots, splitSeed(context.protocol));
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
  phase: ResolvedPhase,
): Promise<GateScores> {
  const cls = heads['cls'] as HeadModule;
  const classes = context.datasets.get(dataset)?.index.vocabulary ?? [];
  const inference = context.workbench.inference([cls], phase);
  return scoreImages({
    inference,
    head: cls,
    source,
    classes,
    dataset,
    batchSize: phase.batchSize,
    logger: context.logger,
    signal: ownSignal(context),
  });
}
