import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoldPlan } from '../data/fold-splits.js';
import type { ImageSource } from '../data/image-source.js';
import type { SplitSample } from '../data/sample.js';
import type { SourcePlan } from '../data/source-splits.js';
import { MultichexnetError } from '../errors.js';
import type { FoldRecords } from '../evaluate/measure.js';
import type { HeadModule } from '../model/network.js';
import { loadCheckpoint, loadNewestCheckpoint, type Checkpoint } from '../store/checkpoint.js';
import {
  evaluateNetwork,
  evaluationKey,
  evaluationsOf,
  type EvaluationRequest,
  type PhaseEvaluations,
} from './evaluate-phase.js';
import { reusePhase } from '../run/reuse-phase.js';
import { isHeadLoss, readHistory } from '../train/step-history.js';
import { fit } from './fit.js';
import { SELECTION_FILE, type SelectionResult } from './selection.js';
import { divide, fitsOf, foldPlan } from './fold-plan.js';
import type { PhaseParameters } from './phase-state.js';
import type { ResolvedPhase } from './resolved-phase.js';
import type { RunContext } from './run-context.js';
import { splitSeed } from './split-seed.js';

/** Mean loss of the first and the last turns of each head on each dataset. */
export type LossSummary = Readonly<Record<string, { readonly first: number; readonly last: number }>>;

export interface PhaseResult {
  readonly name: string;
  /** Present in a run of several seeds. */
  readonly seed?: number;
  readonly hash: string;
  /** Hash over what it learned from alone. */
  readonly training: string;
  /** `run#phase` of another run that had learned the same. */
  readonly reused?: string;
  readonly steps: number;
  /** What validation chose, in a phase with `select`; of the first fold where there are several. */
  readonly selected?: SelectionResult;
  /** Of the process that finished it: what an earlier one did before it was broken off is not in it. */
  readonly seconds: number;
  /** Folds x repeats, 1 for a plain split. */
  readonly fits: number;
  readonly losses: LossSummary;
}

export interface PhaseHashes {
  /** Over everything that can change what is computed. */
  readonly hash: string;
  /** Over everything that can change what is learned. */
  readonly training: string;
}

/** Trains and evaluates one phase, or finds it done: a phase whose inputs hash the same is not run again. */
export async function runPhase(
  context: RunContext,
  phase: ResolvedPhase,
  { hash, training }: PhaseHashes,
): Promise<PhaseResult> {
  const { store } = context;
  const requests = evaluationsOf(context.protocol, phase);
  const done = await store.readJson<PhaseResult>('phases', phase.name, 'phase.json');
  const sameInputs = done?.hash === hash;
  const isDone = sameInputs && (await hasEvaluations(context, phase, requests));
  if (!isDone && !sameInputs) await beginAnew(context, phase, hash);
  await context.ranks?.talk.fromFirst(isDone ? 0 : 1);
  if (isDone) {
    await context.ranks?.leave();
    return done;
  }
  const started = performance.now();
  const reused = await takeOver(context, phase, training);
  const heads = headsOf(context, phase);
  const plan = foldPlan(phase, context.datasets);
  const evaluations =
    plan === undefined
      ? await runPlain(context, phase, heads, requests)
      : await runFolds(context, phase, heads, requests, plan, hash);
  await store.writeJson(evaluations, 'phases', phase.name, 'evaluation.json');
  const fold = plan === undefined ? [] : ['fold-1'];
  const selected =
    phase.select && (await store.readJson<SelectionResult>('phases', phase.name, ...fold, SELECTION_FILE));
  const result: PhaseResult = {
    name: phase.name,
    hash,
    training,
    ...(reused === undefined ? {} : { reused }),
    steps: selected?.steps ?? phase.steps,
    ...(selected === undefined ? {} : { selected }),
    seconds: Math.round((performance.now() - started) / 100) / 10,
    fits: plan === undefined ? 1 : fitsOf(plan, samplesOf(context, phase)),
    losses: await summariseLosses(join(store.phaseFolder(phase.name), ...fold, 'metrics.jsonl')),
  };
  await store.writeJson(result, 'phases', phase.name, 'phase.json');
  return result;
}

/** Of the dataset whose folds are dealt. */
function samplesOf({ datasets }: RunContext, { schedule }: ResolvedPhase): readonly SplitSample[] {
  return datasets.get(schedule.turns[0]?.on ?? '')?.samples ?? [];
}

/** Another run's phase that was trained by the same inputs, unless this one has begun already. */
async function takeOver(
  { store, reuse, ranks, logger }: RunContext,
  { name }: ResolvedPhase,
  training: string,
): Promise<string | undefined> {
  if (reuse === undefined || ranks !== undefined) return undefined;
  const begun = await readdir(store.phaseFolder(name)).catch(() => []);
  if (begun.some((file) => file !== 'inputs.json')) return undefined;
  const from = await reusePhase(store, name, training, reuse);
  if (from !== undefined) logger.info(`${name}: trained already, in ${from}`);
  return from;
}

/** On a rank that only helps to train: its part of the training, if rank 0 finds that there is something to train. */
export async function joinPhase(context: RunContext, phase: ResolvedPhase): Promise<void> {
  if ((await context.ranks?.talk.fromFirst(0)) === 0) {
    await context.ranks?.leave();
    return;
  }
  await trainPlain(context, phase, headsOf(context, phase), evaluationsOf(context.protocol, phase));
}

/** What an earlier run left of this phase under other inputs is no state to go on from. */
async function beginAnew({ store, logger }: RunContext, phase: ResolvedPhase, hash: string): Promise<void> {
  const begun = await store.readJson<{ readonly hash: string }>('phases', phase.name, 'inputs.json');
  if (begun?.hash === hash) return;
  if (await store.exists('phases', phase.name)) {
    logger.info(`${phase.name}: what is there was made from other inputs; the phase begins anew`);
    await store.remove('phases', phase.name);
  }
  await store.writeJson({ hash }, 'phases', phase.name, 'inputs.json');
}

export function headsOf(context: RunContext, phase: ResolvedPhase): Record<string, HeadModule> {
  return Object.fromEntries(
    Object.entries(phase.heads).map(([name, choice]) => [name, context.workbench.pool.head(name, choice)]),
  );
}

/** The final parameters of a finished phase. */
export async function readPhaseParameters(
  context: Pick<RunContext, 'store' | 'logger'>,
  phase: string,
): Promise<PhaseParameters> {
  const folder = context.store.phaseFolder(phase);
  const done = await context.store.readJson<PhaseResult>('phases', phase, 'phase.json');
  if (done !== undefined && done.fits > 1)
    throw new MultichexnetError(
      'PHASE_NO_CHECKPOINT',
      `phase "${phase}" is cross-validated: it trained a network for each of ${done.fits} folds and left none of its own; take a phase without crossValidate`,
      { file: folder },
    );
  if (done !== undefined) return (await loadFinal(folder, done.steps)).model;
  const checkpoint = await loadNewestCheckpoint(folder, context.logger);
  if (checkpoint === undefined)
    throw new MultichexnetError('PHASE_NO_CHECKPOINT', `phase "${phase}" left no parameters to start from`, {
      file: folder,
    });
  return checkpoint.model;
}

/** A finished phase's own last checkpoint: an older one is another network than the one that was measured. */
async function loadFinal(folder: string, steps: number): Promise<Checkpoint> {
  try {
    return await loadCheckpoint(folder, steps);
  } catch (error) {
    throw new MultichexnetError(
      'CHECKPOINT_CORRUPT',
      `the checkpoint that the finished phase ended with (step ${steps}) cannot be read: ${error instanceof Error ? error.message : String(error)}; remove the phase's folder and run with --resume to train it again`,
      { file: folder },
    );
  }
}

async function trainPlain(
  context: RunContext,
  phase: ResolvedPhase,
  heads: Readonly<Record<string, HeadModule>>,
  requests: readonly EvaluationRequest[],
): Promise<void> {
  const folder = context.store.phaseFolder(phase.name);
  const datasets = new Set(phase.schedule.turns.map((turn) => turn.on));
  const sources = Object.fromEntries([...datasets].map((name) => [name, context.source(name, phase.boxesFromMasks)]));
  await scoreGates(context, phase, requests);
  await fit(context, { phase, heads, sources, folder, label: phase.name });
}

async function runPlain(
  context: RunContext,
  phase: ResolvedPhase,
  heads: Readonly<Record<string, HeadModule>>,
  requests: readonly EvaluationRequest[],
): Promise<PhaseEvaluations> {
  await trainPlain(context, phase, heads, requests);
  const sourceOf = (dataset: string): ImageSource => context.source(dataset, phase.boxesFromMasks);
  const records = await evaluateNetwork(context, phase, heads, requests, sourceOf, phase.name);
  return Object.fromEntries(Object.entries(records).map(([key, fold]) => [key, [fold]]));
}

/** Before the network is loaded, since a separate gate borrows its layers. */
async function scoreGates(
  context: RunContext,
  phase: ResolvedPhase,
  requests: readonly EvaluationRequest[],
): Promise<void> {
  for (const { head, dataset, gate } of requests) {
    const name = phase.gate[head];
    if (gate === 'trained' && name !== undefined && name !== 'own') await context.gateScores(name, dataset);
  }
}

async function runFolds(
  context: RunContext,
  phase: ResolvedPhase,
  heads: Readonly<Record<string, HeadModule>>,
  requests: readonly EvaluationRequest[],
  plan: FoldPlan | SourcePlan,
  hash: string,
): Promise<PhaseEvaluations> {
  const [dataset = ''] = phase.schedule.turns.map((turn) => turn.on);
  const whole = context.source(dataset, phase.boxesFromMasks);
  const divisions = divide(whole.samples, plan, phase, splitSeed(context.protocol));
  const folds: Record<string, FoldRecords[]> = Object.fromEntries(
    requests.map((request) => [evaluationKey(request), []]),
  );
  await scoreGates(context, phase, requests);
  for (const [i, parts] of divisions.entries()) {
    const name = `fold-${i + 1}`;
    const file = ['phases', phase.name, name, 'evaluation.json'];
    const stored = await context.store.readJson<{ hash: string; records: Record<string, FoldRecords> }>(...file);
    let records = stored?.hash === hash ? stored.records : undefined;
    if (records === undefined || requests.some((request) => records?.[evaluationKey(request)] === undefined)) {
      const label = `${phase.name} fold ${i + 1}/${divisions.length}`;
      const source = whole.divided((_, index) => parts[index] ?? 'train');
      await fit(context, {
        phase,
        heads,
        sources: { [dataset]: source },
        folder: context.store.path('phases', phase.name, name),
        label,
      });
      const sourceOf = (name: string): ImageSource =>
        name === dataset ? source : context.source(name, phase.boxesFromMasks);
      records = await evaluateNetwork(context, phase, heads, requests, sourceOf, label);
      await context.store.writeJson({ hash, records }, ...file);
    }
    const clusters = 'group' in plan && plan.group === 'source' ? ({ clusters: 'source' } as const) : {};
    for (const [key, record] of Object.entries(records)) folds[key]?.push({ ...record, ...clusters });
  }
  return folds;
}

async function hasEvaluations(
  context: RunContext,
  phase: ResolvedPhase,
  requests: readonly EvaluationRequest[],
): Promise<boolean> {
  const stored = await context.store.readJson<PhaseEvaluations>('phases', phase.name, 'evaluation.json');
  return stored !== undefined && requests.every((request) => stored[evaluationKey(request)] !== undefined);
}

const TURNS = 10;

async function summariseLosses(file: string): Promise<LossSummary> {
  const history = await readHistory(file);
  const names = new Set(history.flatMap((entry) => Object.keys(entry).filter(isHeadLoss)));
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  return Object.fromEntries(
    [...names].map((name) => {
      const values = history.flatMap((entry) => (entry[name] === undefined ? [] : [entry[name]]));
      return [name, { first: mean(values.slice(0, TURNS)), last: mean(values.slice(-TURNS)) }];
    }),
  );
}
