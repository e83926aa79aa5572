import {
  loadExternalPhases,
  ProblemsError,
  resolveProtocol,
  setPaths,
  suggestion,
  withLine,
  type ConfigFile,
  type ExternalPhase,
  type PluginRegistry,
  type ResolvedProtocol,
} from '@multichexnet/core';
import { CliError } from '../errors.js';

export interface PreparedProtocol {
  readonly protocol: ResolvedProtocol;
  readonly externals: ReadonlyMap<string, ExternalPhase>;
}

export interface ProtocolInput {
  readonly source: ConfigFile;
  readonly registry: PluginRegistry;
  /** `path=value` of `--set`, applied before anything is looked up. */
  readonly set: readonly string[];
  /** Dataset name or kind -> root. */
  readonly roots?: ReadonlyMap<string, string>;
}

/**
 * A protocol with nothing left to look up.
 * @throws ProblemsError with the line of every problem; CliError CLI_DATA_INVALID for a root that no dataset takes
 */
export async function prepareProtocol({ source, registry, set, roots }: ProtocolInput): Promise<PreparedProtocol> {
  const value = structuredClone(source.value);
  const tellSlips = setPaths(value, set);
  if (roots !== undefined) giveRoots(value, roots);
  const externals = await loadExternalPhases(value);
  const { protocol, problems } = resolveProtocol(value, registry, source.file, externals);
  if (protocol === undefined) throw new ProblemsError(tellSlips(problems).map((problem) => withLine(problem, source)));
  return { protocol, externals };
}

/** `KIND=ROOT` of `--data`. @throws CliError CLI_DATA_INVALID */
export function parseRoots(assignments: readonly string[]): Map<string, string> {
  const roots = new Map<string, string>();
  for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    if (at < 1 || at === assignment.length - 1)
      throw new CliError('CLI_DATA_INVALID', `--data wants KIND=ROOT, got "${assignment}"`);
    const name = assignment.slice(0, at);
    if (roots.has(name)) throw new CliError('CLI_DATA_INVALID', `--data ${name} is given twice`);
    roots.set(name, assignment.slice(at + 1));
  }
  return roots;
}

/** A root goes to the dataset of that name and to every other one of that kind that no root names itself. */
function giveRoots(value: Record<string, unknown>, roots: ReadonlyMap<string, string>): void {
  const datasets = value['datasets'];
  // The schema says what is wrong with anything else.
  if (typeof datasets !== 'object' || datasets === null) return;
  const entries = Object.entries(datasets).filter(([, dataset]) => typeof dataset === 'object' && dataset !== null) as [
    string,
    Record<string, unknown>,
  ][];
  for (const [name, root] of roots) {
    const takers = entries.filter(([key, { kind }]) => key === name || (kind === name && !roots.has(key)));
    if (takers.length === 0)
      throw new CliError(
        'CLI_DATA_INVALID',
        `--data ${name}=${root}: the protocol has no dataset "${name}"; ${suggestion(
          name,
          entries.map(([key]) => key),
        )}`,
      );
    for (const [, dataset] of takers) dataset['root'] = root;
  }
}
