import type { DatasetPlugin, OptionsOf, OptionsSchema } from '@multichexnet/core';
import { registerChecks, type Skip } from './checks.js';
import { datasetChecks } from './dataset-checks.js';
import { tableChecks, type JudgedTables } from './table-checks.js';
import { completeOptions, optionsChecks } from './options-checks.js';

export interface DatasetTestOptions<S extends OptionsSchema> {
  /** A small root without faults, or how to make one (called once); it is copied before anything is changed. */
  readonly root: string | (() => Promise<string>);
  /** Tables that `checkTable` knows, relative to the root. */
  readonly tables: readonly string[];
  /** More right tables to mutate, by name. */
  readonly examples?: Readonly<Record<string, string>>;
  /** Tables with a known verdict. */
  readonly judged?: JudgedTables;
  readonly options?: Partial<OptionsOf<S>>;
  readonly skip?: readonly Skip[];
}

/**
 * Registers the conformance tests of a dataset adapter with vitest: contract, strict options, whole samples, plain data, determinism, counts, patient map, and
 * what becomes of a wrong folder, a lost image and a broken line, mutated tables.
 *
 * @example
 * testDataset(rsnaDataset, { root: 'fixtures/rsna', tables: ['stage_2_train_labels.csv'] });
 */
export function testDataset<S extends OptionsSchema>(
  plugin: DatasetPlugin<S>,
  { root, tables, examples = {}, judged, options = {}, skip = [] }: DatasetTestOptions<S>,
): void {
  const anyPlugin = plugin as unknown as DatasetPlugin;
  let made: Promise<string> | undefined;
  const setup = {
    plugin: anyPlugin,
    options: completeOptions(anyPlugin, options),
    root: () => (made ??= typeof root === 'string' ? Promise.resolve(root) : root()),
    tables,
    examples,
    ...(judged === undefined ? {} : { judged }),
  };
  registerChecks(
    `dataset "${plugin.kind}"`,
    [...optionsChecks(anyPlugin, ['open', 'checkTable'], options), ...datasetChecks(setup), ...tableChecks(setup)],
    skip,
    { engine: false },
  );
}
