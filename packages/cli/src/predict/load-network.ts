import {
  createInference,
  loadParameters,
  ModelPool,
  MultichexnetError,
  readPhaseParameters,
  type Engine,
  type HeadModule,
  type Inference,
  type Logger,
  type PluginRegistry,
  type ResolvedPhase,
  type RunStore,
} from '@multichexnet/core';
import type { OpenedRun } from '../open-run.js';

/** Where a network comes from, and what builds it. */
export interface NetworkSource {
  readonly opened: Pick<OpenedRun, 'store' | 'protocol'>;
  readonly engine: Engine;
  readonly registry: PluginRegistry;
  readonly logger: Logger;
}

/** Encoder and heads with a phase's parameters in them. */
export interface LoadedNetwork {
  readonly pool: ModelPool;
  readonly heads: readonly HeadModule[];
}

/** A network that runs. */
export interface Network {
  readonly heads: readonly HeadModule[];
  readonly inference: Inference;
  /** Absent where the runtime has the network in a form of its own. */
  readonly pool?: ModelPool;
}

/** What runs a loaded network, an image at a time. */
export interface NetworkRuntime {
  /** Whether it goes on without the layers, and so without the engine. */
  readonly detached: boolean;
  open(network: LoadedNetwork): Promise<Inference>;
}

/** The engine itself. */
export function engineRuntime(engine: Engine): NetworkRuntime {
  return {
    detached: false,
    open: ({ pool, heads }) => Promise.resolve(createInference(engine, pool.encoder, heads, 1)),
  };
}

export async function openNetwork(
  source: NetworkSource,
  runtime: NetworkRuntime,
  ...place: [store: RunStore, phase: ResolvedPhase, name: string, wanted: readonly string[]]
): Promise<Network> {
  const { pool, heads } = await loadNetwork(source, ...place);
  const inference = await runtime.open({ pool, heads });
  if (!runtime.detached) return { heads, inference, pool };
  pool.dispose();
  return { heads, inference };
}

/**
 * @param name of the phase in its store
 * @param wanted heads, of which those that the phase has are built
 * @throws MultichexnetError PHASE_NO_CHECKPOINT, CHECKPOINT_CORRUPT, CHECKPOINT_INCOMPLETE
 */
export async function loadNetwork(
  { opened, engine, registry, logger }: NetworkSource,
  store: RunStore,
  phase: ResolvedPhase,
  name: string,
  wanted: readonly string[],
): Promise<LoadedNetwork> {
  const { model, seed } = opened.protocol;
  const pool = new ModelPool(engine, registry, model.encoder, seed, 'loaded');
  const heads = wanted.flatMap((head) => {
    const choice = phase.heads[head];
    return choice === undefined ? [] : [pool.head(head, choice)];
  });
  const parameters = await readPhaseParameters({ store, logger }, name);
  const missing = loadParameters(
    [pool.encoder, ...heads].flatMap((module) => module.parameters),
    parameters,
  );
  if (missing.length > 0)
    throw new MultichexnetError('CHECKPOINT_INCOMPLETE', `phase "${name}" has no ${missing.slice(0, 3).join(', ')}`, {
      file: store.phaseFolder(name),
    });
  return { heads, pool };
}
