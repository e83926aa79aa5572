import {
  checkUserConfig,
  configPathOf,
  configToProtocol,
  loadExternalPhases,
  MultichexnetError,
  PluginRegistryToken,
  ProblemsError,
  resolveProtocol,
  resolveRunReferences,
  setPaths,
  withLine,
  type Logger,
  type PluginRole,
  type UserConfig,
} from '@multichexnet/core';
import type { Container } from 'inversify';
import { createContainer } from '../create-container.js';
import { describeBuiltIns, type PluginDescription } from '../describe-plugins.js';
import type { PreparedProtocol } from '../protocol/prepare-protocol.js';
import { findConfig } from './find-config.js';
import { loadConfig, type LoadedConfig } from './load-config.js';

export interface PreparedConfig extends PreparedProtocol {
  readonly container: Container;
  readonly config: UserConfig;
  readonly file: string;
}

export interface ConfigRequest {
  /** By default the one in the working directory. */
  readonly file: string | undefined;
  /** `path=value` of `--set`. */
  readonly set: readonly string[];
  readonly logger: Logger;
}

/**
 * A config as a protocol of one phase, with everything that can be checked before data is read.
 * @throws ProblemsError with every problem, each with its path and where possible its line
 */
export async function prepareConfig({ file, set, logger }: ConfigRequest): Promise<PreparedConfig> {
  const source = await loadConfig(await findConfig(file));
  const container = createContainer({ logger, plugins: source.plugins.set });
  const registry = container.get(PluginRegistryToken);
  const tellSlips = setPaths(source.value, set);
  const { config, problems } = await checkUserConfig(source.value, {
    registry,
    file: source.file,
    packageOf: packageFinder(source.plugins.descriptions),
  });
  refuse(tellSlips(problems), source);
  const references = await located(source, () => resolveRunReferences(config, registry));
  const value = configToProtocol(config, references);
  const externals = await located(source, () => loadExternalPhases(value));
  const resolution = resolveProtocol(value, registry, source.file, externals);
  if (resolution.protocol === undefined) {
    refuse(
      resolution.problems.map(
        ({ code, message, place }) =>
          new MultichexnetError(code, message, { ...place, path: configPathOf(place.path ?? '') }),
      ),
      source,
    );
    throw new Error('a protocol that does not resolve has problems');
  }
  return { container, config, file: source.file, protocol: resolution.protocol, externals };
}

function refuse(problems: readonly MultichexnetError[], source: LoadedConfig): void {
  if (problems.length > 0) throw new ProblemsError(problems.map((problem) => withLine(problem, source)));
}

/** An error about a config path is one about this file. */
async function located<T>(source: LoadedConfig, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof MultichexnetError) || error.place.path === undefined) throw error;
    throw new ProblemsError([withLine(error, source)]);
  }
}

/** `@multichexnet/head-det 0.1.0` of a kind. */
function packageFinder(own: readonly PluginDescription[]): (role: PluginRole, kind: string) => string | undefined {
  const all = [...own, ...describeBuiltIns()];
  return (role, kind) => {
    const found = all.find((plugin) => plugin.role === role && plugin.kind === kind);
    return found === undefined ? undefined : [found.package, found.version].filter(Boolean).join(' ');
  };
}
