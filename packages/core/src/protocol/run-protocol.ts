import { availableParallelism } from 'node:os';
import { createImageServices, type ImageServices, type LeftOutFile } from '../data/image-services.js';
import { rememberLeftOut } from '../run/left-out.js';
import { openCache } from '../data/image-cache/cache-options.js';
import { ImageSource } from '../data/image-source.js';
import { openDatasets, type OpenedDataset } from '../data/open-datasets.js';
import { stretchTo, type Preprocessing } from '../data/preprocessing.js';
import type { Ranks } from '../distributed/ranks.js';
import type { Engine } from '../engine/engine.js';
import { isMultichexnetError, MultichexnetError, ProblemsError } from '../errors.js';
import { scoreImages, type GateScores } from '../gate/gate-scores.js';
import type { Logger } from '../log/logger.js';
import { loadParameters, type HeadModule } from '../model/network.js';
import type { PluginRegistry } from '../plugin/registry.js';
import { assertSameData } from '../run/assert-same-data.js';
import { assertFolderFits, assertUnchanged } from '../run/assert-same-run.js';
import { forgetsBegun } from '../run/forget-begun.js';
import { ReadingStore } from '../run/reading-store.js';
import type { Reuse } from '../run/reuse-phase.js';
import { RunStore } from '../run/run-store.js';
import { assertNotStopped } from '../run/stop-signal.js';
import { hashValue } from '../store/hash.js';
import { VERSION } from '../version.js';
import { checkData } from './check-data.js';
import { checkLabels } from './check-labels.js';
import { datasetNotes } from './dataset-notes.js';
import { isExternal, type ExternalPhase } from './external-phases.js';
import { fitHeadOptions } from './fit-options.js';
import type { Parent } from './phase-state.js';
import { GATE, POSITIVE, type ResolvedPhase, type ResolvedProtocol } from './resolved-phase.js';
import { ownSignal, type RunContext } from './run-context.js';
import { headsOf, joinPhase, readPhaseParameters, runPhase, type PhaseResult } from './run-phase.js';
import { splitSeed } from './split-seed.js';
import { Workbench } from './workbench.js';
import { writeHead } from './write-head.js';
import { writeTables, type WrittenTables } from './write-tables.js';

export interface RunRequest {
  readonly protocol: ResolvedProtocol;
  readonly out: string;
  /** Go on with a run that is there; without it a folder with another run in it is refused. */
  readonly resume: boolean;
  /** Paths of `config.json` whose change does not keep a run from being gone on with; what depends on them is done again. */
  readonly allowChange?: readonly string[];
  /** Phases of other runs that this one starts from. */
  readonly externals?: ReadonlyMap<string, ExternalPhase>;
  readonly patientMap?: string;
  readonly engine: Engine;
  readonly registry: PluginRegistry;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  /** Where phases that were trained by the same inputs may be taken from. */
  readonly reuse?: Reuse;
  /** The processes that train together; `protocol` has one phase then. */
  readonly ranks?: Ranks;
  /** How long to wait for a lock that a lost process may have left on another host; default 0. */
  readonly waitForLockMs?: number;
  /** What else must be the same on all ranks: versions of plugins, say. */
  readonly versions?: unknown;
  /** Called when a phase begins; of a run with several seeds, with its seed. */
  readonly onPhase?: (phase: ResolvedPhase, index: number, count: number, seed?: number) => void;
}

export interface RunResult extends WrittenTables {
  readonly run: string;
  readonly protocol: string;
  readonly seed: number;
  /** Present when the tables are means over several seeds. */
  readonly seeds?: readonly number[];
  readonly note?: string;
  /** Dataset -> what its own README says that it is and is not. */
  readonly dataNotes: Readonly<Record<string, readonly string[]>>;
  /** Files that could not be read, of at most `maxBroken`; absent = none. Also in the run's `left-out.json`. */
  readonly leftOut?: readonly LeftOutFile[];
  readonly phases: readonly PhaseResult[];
}

/**
 * Runs every phase of a protocol that is not done yet, then computes its tables.
 * @throws ProblemsError before any training for what can be known then; MultichexnetError RUN_EXISTS, RESUME_NOTHING, RESUME_CHANGED, RUN_LOCKED, INTERRUPTED, RUN_PREEMPTED
 */
export async function runProtocol(request: RunRequest): Promise<RunResult> {
  const { registry } = request;
  const store = new RunStore(request.out);
  await assertFolderFits(store, request.resume);
  const datasets = await openData(request);
  assertNotStopped(ownSignal(request), 'stopped before the first phase; nothing was changed');
  const unlock = await store.lock(request.waitForLockMs);
  const forget = await forgetsBegun(store);
  try {
    return await withContext(request, store, datasets, async (context, preprocessing) => {
      const { protocol } = context;
      await assertUnchanged(store, protocol, request.allowChange ?? []);
      await assertSameData(store, datasets, request.allowChange ?? []);
      const dataNotes = datasetNotes(protocol, datasets);
      await agreeOnInputs(context, request.versions);
      await writeHead(store, { ...request, protocol }, datasets, preprocessing, dataNotes);
      const results = await runPhases(context, request);
      const written = await writeTables({ store, seeds: [store], protocol, registry, dataNotes });
      const leftOut = await rememberLeftOut(store, context.leftOut());
      const { name, seed, note } = protocol;
      const result = {
        run: request.out,
        protocol: name,
        seed,
        ...(note === undefined ? {} : { note }),
        dataNotes,
        ...(leftOut.length === 0 ? {} : { leftOut }),
        phases: results,
        ...written,
      };
      await store.writeJson(result, 'result.json');
      return result;
    });
  } catch (error) {
    // What ranks refuse they refuse before the first step of a run.
    if (isMultichexnetError(error) && error.code.startsWith('RANKS_')) await forget();
    throw error;
  } finally {
    await unlock();
  }
}

/** What every rank but the first does of {@link runProtocol}: its part of the training. It writes nothing. */
export async function joinProtocol(request: RunRequest): Promise<void> {
  const store = new ReadingStore(request.out);
  await withContext(request, store, await openData(request), async (context) => {
    await agreeOnInputs(context, request.versions);
    for (const phase of context.protocol.phases) await joinPhase(context, phase);
  });
}

/** @throws MultichexnetError RANKS_DIFFER unless all ranks run the same */
async function agreeOnInputs({ ranks, protocol, engine, datasets }: RunContext, versions: unknown): Promise<void> {
  const fingerprints = [...datasets].map(([name, { fingerprint }]) => [name, fingerprint]);
  await ranks?.talk.agree({
    'the config': hashValue(protocol),
    'the code': hashValue([VERSION, engine.info.name, engine.info.version, engine.info.device, versions]),
    'the data': hashValue(fingerprints),
  });
}

async function openData(request: RunRequest): Promise<ReadonlyMap<string, OpenedDataset>> {
  const { registry, logger } = request;
  const { datasets: choices } = request.protocol;
  const used = new Set(request.protocol.phases.flatMap((phase) => datasetsOf(request.protocol, phase)));
  const datasets = await openDatasets(
    {
      ...request.protocol,
      seed: splitSeed(request.protocol),
      datasets: Object.fromEntries(Object.entries(choices).filter(([name]) => used.has(name))),
      ...(request.patientMap === undefined ? {} : { patientMap: request.patientMap }),
    },
    registry,
    logger,
  );
  const { phases: asked } = request.protocol;
  const problems = [
    ...checkData(asked, datasets, splitSeed(request.protocol)),
    ...checkLabels(asked, datasets, registry),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  return datasets;
}

/** Builds the network and what reads its images, and frees them after `work`. */
async function withContext<T>(
  request: RunRequest,
  store: RunStore,
  datasets: ReadonlyMap<string, OpenedDataset>,
  work: (context: RunContext, preprocessing: Preprocessing) => Promise<T>,
): Promise<T> {
  const { engine, registry } = request;
  const { model } = request.protocol;
  let workbench: Workbench | undefined;
  const services = imageServices(request, datasets);
  try {
    workbench = new Workbench(engine, registry, model.encoder, request.protocol.seed);
    const preprocessing = stretchTo(workbench.pool.inputSize, request.protocol.preprocessing);
    const source = sourceCache(datasets, preprocessing, services);
    const phases = await fitHeadOptions(request.protocol.phases, registry, source, request.protocol.seed);
    const protocol = { ...request.protocol, phases };
    return await work(
      createContext({ ...request, protocol }, store, datasets, workbench, source, () => services.broken.list()),
      preprocessing,
    );
  } finally {
    await services.reader.close();
    workbench?.dispose();
  }
}

async function runPhases(context: RunContext, { onPhase, externals }: RunRequest): Promise<PhaseResult[]> {
  const { phases } = context.protocol;
  const hashes = new Map([...(externals ?? [])].map(([reference, { hash }]) => [reference, hash]));
  const trainings = new Map(hashes);
  const results: PhaseResult[] = [];
  for (const [index, phase] of phases.entries()) {
    const hash = phaseHash(context, phase, hashes);
    hashes.set(phase.name, hash);
    onPhase?.(phase, index, phases.length);
    await context.store.log({ event: 'phase', phase: phase.name, hash });
    const training = trainingHash(context, phase, trainings);
    trainings.set(phase.name, training);
    const result = await runPhase(context, phase, { hash, training });
    results.push(result);
    await context.store.log({ event: 'phase done', ...result });
  }
  return results;
}

/** Everything that can change what a phase computes. */
function phaseHash(context: RunContext, phase: ResolvedPhase, hashes: ReadonlyMap<string, string>): string {
  const { protocol, datasets, engine } = context;
  const parents = [...Object.values(phase.from), ...Object.values(phase.gate)].map((name) => hashes.get(name) ?? name);
  const data = datasetsOf(protocol, phase).map((name) => datasets.get(name)?.fingerprint);
  return hashValue({
    phase,
    encoder: protocol.model.encoder,
    ...preparedBy(protocol),
    seed: protocol.seed,
    parents,
    data,
    code: VERSION,
    engine: [engine.info.name, engine.info.version, engine.info.device],
  });
}

/** Absent where nothing is cut off, as it always was. */
function preparedBy({ preprocessing }: ResolvedProtocol): { readonly crop?: string } {
  const { crop = 'none' } = preprocessing ?? {};
  return crop === 'none' ? {} : { crop };
}

/** Everything that can change what a phase learns, whatever it is called and measured on: equal in two protocols that train the same. */
function trainingHash(context: RunContext, phase: ResolvedPhase, hashes: ReadonlyMap<string, string>): string {
  const { protocol, datasets, engine, reuse } = context;
  const { name: _, from, gate, ...settings } = phase;
  const parents = (links: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(links).map(([module, parent]) => [module, hashes.get(parent) ?? parent]));
  const trained = [...new Set(phase.schedule.turns.map((turn) => turn.on))].sort();
  return hashValue({
    settings,
    from: parents(from),
    gate: parents(gate),
    encoder: protocol.model.encoder,
    ...preparedBy(protocol),
    seed: [protocol.seed, splitSeed(protocol)],
    data: trained.map((dataset) => [dataset, datasets.get(dataset)?.fingerprint]),
    code: [VERSION, reuse?.build],
    engine: [engine.info.name, engine.info.version, engine.info.device],
  });
}

function datasetsOf(protocol: ResolvedProtocol, phase: ResolvedPhase): string[] {
  const rows = Object.values(protocol.tables).flatMap((table) => table.rows.filter((row) => row.phase === phase.name));
  return [
    ...new Set([
      ...phase.schedule.turns.map((turn) => turn.on),
      ...rows.flatMap((row) => Object.values(row.on).flat()),
    ]),
  ].sort();
}

function createContext(
  request: RunRequest,
  store: RunStore,
  datasets: ReadonlyMap<string, OpenedDataset>,
  workbench: Workbench,
  source: RunContext['source'],
  leftOut: RunContext['leftOut'],
): RunContext {
  const { protocol, engine, logger } = request;
  const parents = new Map<string, Promise<Parent>>();
  const scores = new Map<string, Promise<GateScores>>();
  const context: RunContext = {
    protocol,
    store,
    engine,
    logger,
    datasets,
    workbench,
    source,
    leftOut,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(request.reuse === undefined ? {} : { reuse: request.reuse }),
    ...(request.ranks === undefined ? {} : { ranks: request.ranks }),
    parent: (name) =>
      remember(parents, name, async () => {
        const external = request.externals?.get(name);
        if (external !== undefined) {
          const other = new RunStore(external.run);
          return {
            phase: external.phase,
            parameters: await readPhaseParameters({ store: other, logger }, external.name),
          };
        }
        const phase = protocol.phases.find((candidate) => candidate.name === name) as ResolvedPhase;
        return { phase, parameters: await readPhaseParameters({ store, logger }, name) };
      }),
    gateScores: (phase, dataset) =>
      remember(scores, `${phase} ${dataset}`, () => scoreWithGate(context, phase, dataset)),
  };
  return context;
}

/** Loads the gate's parameters into the shared layers, scores every image of the dataset and leaves `gate-<dataset>.json` in the gate's phase. */
async function scoreWithGate(context: RunContext, name: string, dataset: string): Promise<GateScores> {
  const { phase, parameters } = await context.parent(name);
  const { workbench, store } = context;
  const head = headsOf(context, phase)[GATE] as HeadModule;
  const missing = loadParameters([...workbench.pool.encoder.parameters, ...head.parameters], parameters);
  if (missing.length > 0)
    throw new MultichexnetError('PHASE_PARENT', `gate phase "${name}" left no ${missing.slice(0, 3).join(', ')}`);
  const gate = await scoreImages({
    inference: workbench.inference([head], phase),
    head,
    source: context.source(dataset),
    classes: [POSITIVE],
    dataset,
    batchSize: phase.batchSize,
    logger: context.logger,
    signal: ownSignal(context),
  });
  if (!isExternal(name)) await store.writeJson(gate, 'phases', name, `gate-${dataset}.json`);
  return gate;
}

/** Reading threads and memory of a run; what its tables say is broken counts towards `maxBroken` too. */
function imageServices({ protocol, logger }: RunRequest, datasets: ReadonlyMap<string, OpenedDataset>): ImageServices {
  const known = [...datasets.values()].reduce((sum, { index }) => sum + index.problems.length, 0);
  return createImageServices({
    workers: protocol.workers ?? Math.min(MAX_WORKERS, availableParallelism()),
    maxBroken: protocol.maxBroken - known,
    ...(protocol.cache === undefined ? {} : { cache: openCache(protocol.cache, 'cache') }),
    logger,
  });
}

/** More threads than that rarely have something to do, and each holds some 60 MB. */
const MAX_WORKERS = 4;

function sourceCache(
  datasets: ReadonlyMap<string, OpenedDataset>,
  preprocessing: Preprocessing,
  services: ImageServices,
): RunContext['source'] {
  const sources = new Map<string, ImageSource>();
  return (dataset, boxesFromMasks) => {
    const key = `${dataset} ${boxesFromMasks?.minArea ?? ''}`;
    let source = sources.get(key);
    if (source === undefined) {
      const { samples } = datasets.get(dataset) as OpenedDataset;
      source = new ImageSource(samples, {
        preprocessing,
        services,
        ...(boxesFromMasks === undefined ? {} : { boxesFromMasks }),
      });
      sources.set(key, source);
    }
    return source;
  };
}

function remember<T>(map: Map<string, Promise<T>>, key: string, create: () => Promise<T>): Promise<T> {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
