import {
  MultichexnetError,
  RunStore,
  suggestion,
  type Logger,
  type ResolvedPhase,
  type ResolvedProtocol,
} from '@multichexnet/core';
import { resolve } from 'node:path';
import { isFile } from './config/find-config.js';
import { loadPlugins, type LoadedPlugins } from './config/load-plugins.js';

/** A run on disk with the protocol that it was. */
export interface OpenedRun {
  readonly store: RunStore;
  readonly protocol: ResolvedProtocol;
  readonly plugins: LoadedPlugins;
}

/** Where a run keeps which plugins of others it needs. */
export const PLUGINS_FILE = 'plugins.json';

export interface RunPlugins {
  /** The config that named them; their paths are relative to it. */
  readonly config: string;
}

/** @throws MultichexnetError RUN_NOT_FOUND, PLUGIN_* */
export async function openRun(folder: string): Promise<OpenedRun> {
  const store = new RunStore(resolve(folder));
  const protocol = await store.readJson<ResolvedProtocol>('config.json');
  if (protocol === undefined)
    throw new MultichexnetError('RUN_NOT_FOUND', `${folder} is no run: it has no config.json`, { file: store.folder });
  return { store, protocol, plugins: await pluginsOf(store) };
}

/** The folders that hold a run's phases: one for each of its `seeds`, else the run's own. */
export function seedStores({ store, protocol }: Pick<OpenedRun, 'store' | 'protocol'>): RunStore[] {
  return protocol.seeds?.map((seed) => new RunStore(store.path(`seed-${seed}`))) ?? [store];
}

/** Phases as the first seed ran them: with what their heads were fitted to. */
export async function ranPhases(opened: Pick<OpenedRun, 'store' | 'protocol'>): Promise<readonly ResolvedPhase[]> {
  const ran = await seedStores(opened)[0]?.readJson<ResolvedProtocol>('config.json');
  return (ran ?? opened.protocol).phases;
}

/**
 * A run whose networks are wanted: of a run of several seeds the first of them.
 * @throws MultichexnetError RUN_NOT_FOUND, PLUGIN_*
 */
export async function openTrained(folder: string, logger: Logger): Promise<OpenedRun> {
  const opened = await openRun(folder);
  const [store = opened.store] = seedStores(opened);
  if (store === opened.store) return opened;
  const protocol = await store.readJson<ResolvedProtocol>('config.json');
  if (protocol === undefined)
    throw new MultichexnetError('RUN_NOT_FOUND', 'the first seed of the run has not begun', { file: store.folder });
  logger.info(
    `the run has seeds ${opened.protocol.seeds?.join(', ')}: the first is asked; name ${folder}/seed-<k> for another`,
  );
  return { ...opened, store, protocol };
}

async function pluginsOf(store: RunStore): Promise<LoadedPlugins> {
  const named = await store.readJson<RunPlugins>(PLUGINS_FILE);
  if (named === undefined) return loadPlugins(undefined, '');
  if (!(await isFile(named.config)))
    throw new MultichexnetError(
      'PLUGIN_IMPORT',
      `the config that named the plugins of this run is gone: ${named.config}`,
      {
        file: store.path(PLUGINS_FILE),
      },
    );
  const { loadConfig } = await import('./config/load-config.js');
  return (await loadConfig(named.config)).plugins;
}

/** @throws MultichexnetError RUN_UNKNOWN_PHASE */
export function phaseOf({ protocol, store }: OpenedRun, name: string): ResolvedPhase {
  const phase = protocol.phases.find((candidate) => candidate.name === name);
  if (phase === undefined)
    throw new MultichexnetError(
      'RUN_UNKNOWN_PHASE',
      `the run has no phase "${name}"; ${suggestion(
        name,
        protocol.phases.map((candidate) => candidate.name),
      )}`,
      { file: store.folder },
    );
  return phase;
}
