import {
  MultichexnetError,
  ProblemsError,
  readDataNotes,
  readPatientMap,
  setPath,
  suggestion,
  validate,
  type DataProblem,
  type DatasetIndex,
  type DatasetPlugin,
  type PluginRegistry,
} from '@multichexnet/core';
import { resolve } from 'node:path';
import type { ParsedArguments } from '../arguments/parse-arguments.js';
import { CliError } from '../errors.js';
import { parseRoots } from '../protocol/prepare-protocol.js';

/** One dataset on disk, by its kind. */
export interface OpenedRoot {
  readonly kind: string;
  readonly plugin: DatasetPlugin;
  readonly index: DatasetIndex;
  /** What the root's own README says that it is and is not. */
  readonly notes: readonly string[];
  /** Images that the patient map has no row for; absent without a map. */
  readonly unmapped?: number;
}

export interface OpenedRoots {
  readonly roots: readonly OpenedRoot[];
  /** Of the patient map; those of a root stand in its index. */
  readonly mapProblems: readonly DataProblem[];
}

export interface RootsRequest {
  /** Kind -> folder. */
  readonly folders: ReadonlyMap<string, string>;
  /** `KIND.option=value` of `--set`. */
  readonly set: readonly string[];
  readonly patientMap: string | undefined;
}

/**
 * What the words of a data command ask for: `KIND ROOT` from position 0, every `--data KIND=ROOT`, `--set KIND.option=value`, `--patient-map`.
 * @throws CliError CLI_DATA_INVALID, CLI_MISSING_ARGUMENT
 */
export function requestedRoots(args: ParsedArguments): RootsRequest {
  const [kind, root] = [args.maybeAt(0), args.maybeAt(1)];
  const given = args.list('data');
  if (kind !== undefined && root === undefined)
    throw new CliError('CLI_MISSING_ARGUMENT', `the root of ${kind} is missing: KIND ROOT, or --data KIND=ROOT`);
  const folders = parseRoots(kind === undefined ? given : [`${kind}=${root ?? ''}`, ...given]);
  if (folders.size === 0)
    throw new CliError('CLI_MISSING_ARGUMENT', 'no dataset given: KIND ROOT, or --data KIND=ROOT');
  return { folders, set: args.list('set'), patientMap: args.text('patient-map') };
}

/**
 * Indexes the roots with one patient map.
 * @throws MultichexnetError DATA_ROOT_MISSING, PLUGIN_UNKNOWN_KIND, CLI_SET_INVALID; ProblemsError for options that an adapter does not take
 */
export async function openRoots(
  { folders, set, patientMap }: RootsRequest,
  registry: PluginRegistry,
): Promise<OpenedRoots> {
  const map = patientMap === undefined ? undefined : await readPatientMap(resolve(patientMap));
  const options: Record<string, Record<string, unknown>> = {};
  for (const assignment of set) setPath(options, assignment);
  const strange = Object.keys(options).find((kind) => !folders.has(kind));
  if (strange !== undefined)
    throw new MultichexnetError(
      'CLI_SET_INVALID',
      `--set wants KIND.option=value of a dataset that is given; "${strange}" is none, ${suggestion(strange, [...folders.keys()])}`,
    );
  const roots: OpenedRoot[] = [];
  for (const [kind, root] of folders) {
    const plugin = registry.dataset(kind);
    const owner = `dataset "${kind}"`;
    const { value, problems } = validate<never>(plugin.options, options[kind] ?? {}, { path: kind, owner });
    if (problems.length > 0) throw new ProblemsError(problems);
    let unmapped = 0;
    const patientOf = (dataset: string, image: string): string | undefined => {
      const key = map?.patientOf(dataset, image);
      if (key === undefined) unmapped++;
      return key;
    };
    const index = await plugin.open(resolve(root), value, map === undefined ? {} : { patientOf });
    roots.push({
      kind,
      plugin,
      index,
      notes: await readDataNotes(resolve(root), kind),
      ...(map === undefined ? {} : { unmapped }),
    });
  }
  return { roots, mapProblems: map?.problems ?? [] };
}
