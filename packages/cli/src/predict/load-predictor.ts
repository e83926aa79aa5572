import {
  createGradCam,
  explanationOf,
  geometryOf,
  loadExternalPhase,
  MultichexnetError,
  readPreprocessing,
  RunStore,
  GATE,
  suggestion,
  type GateScores,
  type GradCam,
  type GradCamOptions,
  type HeadModule,
  type PreparedImage,
  type Preprocessing,
  type ResolvedPhase,
  type SampleOutputs,
} from '@multichexnet/core';
import { CliError } from '../errors.js';
import { engineRuntime, openNetwork, type Network, type NetworkRuntime, type NetworkSource } from './load-network.js';

/** What a gate says of one image. */
export interface GateDecision {
  readonly head: string;
  /** Phase that trained the gate, or `own`. */
  readonly gate: string;
  /** Probability of being positive, 0..1. */
  readonly score: number;
  readonly threshold: number;
  /** Present where the threshold is the default: the gate's validation part had not both positives and negatives. */
  readonly untuned?: true;
  readonly passed: boolean;
}

export interface ImagePrediction {
  /** Head -> what it decoded; for a head that the gate held the image back from, its empty prediction. */
  readonly predictions: Readonly<Record<string, unknown>>;
  readonly gates: readonly GateDecision[];
}

/** A phase's network with its gates, loaded. */
export interface Predictor {
  /** How the network's training images were prepared. */
  readonly preprocessing: Preprocessing;
  predict(image: PreparedImage): Promise<ImagePrediction>;
  /** Head -> what Grad-CAM can be asked of it: a classifier's classes. */
  readonly targets: ReadonlyMap<string, readonly string[]>;
  /** Where a head looks; dispose it before the predictor. @throws MultichexnetError EXPLAIN_HEAD_UNKNOWN, EXPLAIN_LEVEL_UNKNOWN */
  gradCam(head: string, options?: GradCamOptions): GradCam;
  /** Share of the networks' time so far that separate gates took, 0..1: a gate of the network's own cls head takes none. */
  gateShare(): number;
  dispose(): void;
}

export interface PredictorRequest extends NetworkSource {
  readonly phase: ResolvedPhase;
  /** What runs the networks; by default the engine. */
  readonly runtime?: NetworkRuntime;
}

interface Gate {
  readonly name: string;
  readonly threshold: number;
  readonly untuned?: true;
  /** Classes whose detection makes an image positive. */
  readonly classes: readonly string[];
  /** Absent = the network's own cls head. */
  readonly network?: Network;
}

const OWN = 'own';

/** @throws MultichexnetError PHASE_NO_CHECKPOINT, CHECKPOINT_CORRUPT, GATE_THRESHOLD, PREPROCESSING_UNKNOWN */
export async function loadPredictor(request: PredictorRequest): Promise<Predictor> {
  const { opened, phase } = request;
  const head = await opened.store.readJson<{ readonly preprocessing?: unknown }>('run.json');
  const preprocessing = readPreprocessing(head?.preprocessing, opened.store.path('run.json'));
  const runtime = request.runtime ?? engineRuntime(request.engine);
  const network = await openNetwork(request, runtime, opened.store, phase, phase.name, Object.keys(phase.heads));
  const gates = new Map<string, Gate>();
  const separate = new Map<string, Network>();
  for (const [head, name] of Object.entries(phase.gate))
    gates.set(head, await loadGate({ ...request, runtime }, head, name, separate));
  const networks = [network, ...separate.values()];
  const spent = new Map<Network, number>();
  const pass = async (through: Network, image: PreparedImage): Promise<SampleOutputs> => {
    const started = performance.now();
    const [outputs] = (await through.inference.run([image])) as [SampleOutputs];
    spent.set(through, (spent.get(through) ?? 0) + performance.now() - started);
    return outputs;
  };
  return {
    preprocessing,
    predict: async (image) => {
      // One pass through every network, however many heads and gates it has.
      const outputsOf = new Map<Network, SampleOutputs>();
      for (const one of networks) outputsOf.set(one, await pass(one, image));
      const outputs = outputsOf.get(network) as SampleOutputs;
      const decisions = [...gates].map(([head, gate]) => {
        const by = gate.network ?? network;
        return decide(head, gate, by, outputsOf.get(by) as SampleOutputs);
      });
      const predictions = network.heads.map((head) => [head.name, decodeHead(head, image, outputs, decisions)]);
      return { predictions: Object.fromEntries(predictions) as Record<string, unknown>, gates: decisions };
    },
    gateShare: () => {
      const all = [...spent.values()].reduce((a, b) => a + b, 0);
      return all === 0 ? 0 : 1 - (spent.get(network) ?? 0) / all;
    },
    targets: new Map(network.heads.map((head) => [head.name, explanationOf(head).targets])),
    gradCam: (name, options) => {
      const head = network.heads.find((candidate) => candidate.name === name);
      if (head === undefined)
        throw new MultichexnetError(
          'EXPLAIN_HEAD_UNKNOWN',
          `phase "${phase.name}" has no head "${name}"; ${suggestion(name, Object.keys(phase.heads))}`,
        );
      if (network.pool === undefined)
        throw new CliError('CLI_OPTION_VALUE', 'heat maps need gradients, which only the tensorflow runtime computes');
      return createGradCam(request.engine, network.pool, head, options);
    },
    dispose: () => {
      for (const { inference, pool } of networks) {
        inference.dispose();
        pool?.dispose();
      }
    },
  };
}

/** @param separate networks of the gates loaded so far, by reference: heads may have one gate in common */
async function loadGate(
  request: PredictorRequest & { readonly runtime: NetworkRuntime },
  head: string,
  reference: string,
  separate: Map<string, Network>,
): Promise<Gate> {
  const { opened, phase } = request;
  const turn = phase.schedule.turns.find(({ train, heads }) => (heads ?? train).includes(head));
  const dataset = turn?.on ?? '';
  if (reference === OWN) return { name: OWN, ...(await decisionOf(opened.store, phase.name, OWN, dataset)) };
  const external = reference.includes('#') ? await loadExternalPhase(reference) : undefined;
  const store = external === undefined ? opened.store : new RunStore(external.run);
  const name = external?.name ?? reference;
  const gatePhase = external?.phase ?? opened.protocol.phases.find((candidate) => candidate.name === reference);
  if (gatePhase === undefined)
    throw new MultichexnetError('RUN_CORRUPT', `the run has no gate phase "${reference}"`, {
      file: opened.store.folder,
    });
  const decision = await decisionOf(opened.store, phase.name, reference, dataset);
  const network =
    separate.get(reference) ?? (await openNetwork(request, request.runtime, store, gatePhase, name, [GATE]));
  separate.set(reference, network);
  return { name: reference, ...decision, network };
}

/** How a gate decides, as the phase behind it recorded it when it was evaluated: the threshold was chosen on the validation part. */
async function decisionOf(
  store: RunStore,
  phase: string,
  gate: string,
  dataset: string,
): Promise<Pick<Gate, 'threshold' | 'untuned' | 'classes'>> {
  const recorded = await store.readJson<GateScores & { readonly gate: string }>(
    'phases',
    phase,
    `gate-${dataset}.json`,
  );
  if (recorded === undefined || recorded.gate !== gate)
    throw new MultichexnetError(
      'GATE_THRESHOLD',
      `phase "${phase}" has no record of how gate "${gate}" decides on ${dataset}; run it to its end first`,
      { file: store.phaseFolder(phase) },
    );
  const { threshold, classes, untuned } = recorded;
  return { threshold, classes, ...(untuned === undefined ? {} : { untuned }) };
}

/** @param network whose pass the gate reads: its own, or that of the heads */
function decide(
  head: string,
  { name, threshold, untuned, classes, network: separate }: Gate,
  network: Network,
  outputs: SampleOutputs,
): GateDecision {
  const module = network.heads.find((candidate) => candidate.name === (separate === undefined ? 'cls' : GATE));
  const score: number | undefined = module?.head.gateScore?.(outputs[module.name] ?? [], classes);
  if (score === undefined)
    throw new MultichexnetError('GATE_HEAD', `gate "${name}" of head "${head}" says nothing of ${classes.join(', ')}`);
  const told = untuned === undefined ? {} : { untuned };
  return { head, gate: name, score, threshold, ...told, passed: score >= threshold };
}

function decodeHead(
  { name, head }: HeadModule,
  image: PreparedImage,
  outputs: SampleOutputs,
  decisions: readonly GateDecision[],
): unknown {
  const geometry = geometryOf(image);
  const held = decisions.some((decision) => decision.head === name && !decision.passed);
  return (held ? head.empty?.(geometry) : head.decode(outputs[name] ?? [], geometry)) as unknown;
}
