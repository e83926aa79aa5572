import { MEDICAL_NOTE, PluginRegistryToken, suggestion, type PluginRegistry } from '@multichexnet/core';
import type { CommandContext, CommandResult } from '../command.js';
import { createContainer } from '../create-container.js';
import { CliError } from '../errors.js';
import { adjustComparisons, comparePhases, type Comparison, type PhaseGain } from '../metrics/compare-phases.js';
import { formatComparisons, formatGroups, formatMetrics } from '../metrics/format-metrics.js';
import { measureGroups, measurePhase, type MeasuredGroup, type MeasuredMetric } from '../metrics/measure-phase.js';
import { metricsOf } from '../metrics/phase-statistics.js';
import { openRun, phaseOf, ranPhases, seedStores, type OpenedRun } from '../open-run.js';
import { formatNotes } from '../output/format-tables.js';

/** What images can be told apart by, beside the dataset's own attributes. */
const GROUPS = ['sex', 'age', 'view', 'source', 'dataset'];

export async function run({ args, logger }: CommandContext): Promise<CommandResult> {
  const opened = await openAsRan(args.at(0));
  const { store, protocol } = opened;
  const stores = seedStores(opened);
  const registry = registryOf(opened, logger);
  const name = args.text('phase');
  const phases = name === undefined ? protocol.phases : [phaseOf(opened, name)];
  const only = args.list('metric');
  checkMetrics(registry, phases, only);
  const method = methodOf(args.text('interval'));
  const by = args.text('by');
  const compare = args.list('compare');
  if (by !== undefined && compare.length > 0)
    throw new CliError('CLI_OPTION_VALUE', '--by and --compare do not go together: ask for one, then for the other');

  if (method === 'bca' && compare.length > 0)
    throw new CliError(
      'CLI_OPTION_VALUE',
      '--interval bca does not go with --compare: differences have percentile intervals',
    );

  if (method === 'bca' && stores.length > 1)
    throw new CliError(
      'CLI_OPTION_VALUE',
      '--interval bca does not go with a run of several seeds: intervals over seeds and patients are percentile ones',
    );

  const request = { stores, registry, only, protocol: { ...protocol, method }, logger };
  const named = phases.map((phase) => phase.name);
  const document = { run: store.folder, phases: named, note: protocol.note, notice: MEDICAL_NOTE };
  const result = (more: object, lines: (width: number) => string[]): CommandResult => ({
    document: { ...document, ...more },
    text: (style) => {
      const notes = formatNotes(protocol.note, style, stores.length).join('\n');
      return [
        ...lines(style.width),
        '',
        method === 'bca' ? notes.replace(/percentile(?=\s+bootstrap)/, 'BCa') : notes,
      ].join('\n');
    },
  });
  if (compare.length > 0) {
    const compared = await compareAll(opened, registry, phases, compare, { only, logger });
    const comparisons = adjustComparisons(compared.comparisons);
    const { gains } = compared;
    return result({ against: compare, comparisons, gains }, (width) => formatComparisons(comparisons, gains, width));
  }
  if (by !== undefined) {
    const groups: MeasuredGroup[] = [];
    for (const phase of phases) groups.push(...(await measureGroups({ ...request, phase }, by)));
    if (groups.length > 0 && groups.every(({ group }) => group === undefined))
      throw new CliError(
        'CLI_OPTION_VALUE',
        `--by ${by}: no test image of this run says its ${by}; there are ${GROUPS.join(', ')} and the attributes of a dataset`,
      );
    return result({ by, interval: method, groups }, (width) => formatGroups(groups, only, width));
  }
  const metrics: MeasuredMetric[] = [];
  for (const phase of phases) metrics.push(...(await measurePhase({ ...request, phase })));
  return result({ interval: method, metrics }, (width) => formatMetrics(metrics, width));
}

type Phase = OpenedRun['protocol']['phases'][number];

/** Each phase against other phases of this run, or against those of the same name of other runs. */
async function compareAll(
  opened: OpenedRun,
  registry: PluginRegistry,
  phases: readonly Phase[],
  compare: readonly string[],
  { only, logger }: { readonly only: readonly string[]; readonly logger: CommandContext['logger'] },
): Promise<{ comparisons: Comparison[]; gains: PhaseGain[] }> {
  const { protocol } = opened;
  const stores = seedStores(opened);
  const runs = new Map<string, { readonly run: OpenedRun; readonly registry: PluginRegistry }>();
  for (const name of compare) {
    if (protocol.phases.some((phase) => phase.name === name)) {
      if (phases.length > 1)
        throw new CliError(
          'CLI_MISSING_ARGUMENT',
          `--compare ${name} wants --phase NAME: the phase to compare with it`,
        );
    } else {
      const run = await openAsRan(name);
      runs.set(name, { run, registry: registryOf(run, logger) });
    }
  }
  const comparisons: Comparison[] = [];
  const gains: PhaseGain[] = [];
  for (const phase of phases) {
    const others = compare.flatMap((name) => {
      const { run, registry: plugins } = runs.get(name) ?? { run: opened, registry };
      const wanted = runs.has(name) ? phase.name : name;
      const other = run.protocol.phases.find((candidate) => candidate.name === wanted);
      return other === undefined
        ? []
        : [{ name, request: { stores: seedStores(run), phase: other, registry: plugins, only } }];
    });
    if (others.length === 0) continue;
    const made = await comparePhases({ first: { stores, phase, registry, only }, others, protocol, logger });
    comparisons.push(...made.comparisons);
    if (made.gain !== undefined) gains.push(made.gain);
  }
  if (comparisons.length === 0)
    throw new CliError('CLI_OPTION_VALUE', `--compare ${compare.join(', ')}: the runs have no phase of the same name`);
  return { comparisons, gains };
}

/** @throws MultichexnetError RUN_NOT_FOUND, PLUGIN_* */
async function openAsRan(name: string): Promise<OpenedRun> {
  const opened = await openRun(name);
  return { ...opened, protocol: { ...opened.protocol, phases: await ranPhases(opened) } };
}

function methodOf(text: string | undefined): 'percentile' | 'bca' {
  if (text === undefined || text === 'percentile') return 'percentile';
  if (text === 'bca') return 'bca';
  throw new CliError('CLI_OPTION_VALUE', `--interval wants percentile or bca, got "${text}"`);
}

function registryOf({ plugins }: OpenedRun, logger: CommandContext['logger']): PluginRegistry {
  return createContainer({ logger, plugins: plugins.set }).get(PluginRegistryToken);
}

function checkMetrics(registry: PluginRegistry, phases: readonly Phase[], only: readonly string[]): void {
  const known = new Set(
    phases.flatMap((phase) =>
      Object.keys(phase.heads).flatMap((head) => metricsOf(registry, phase, head).map(({ name }) => name)),
    ),
  );
  const unknown = only.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new CliError('CLI_OPTION_VALUE', `--metric ${unknown}: no head has it; ${suggestion(unknown, [...known])}`);
}
