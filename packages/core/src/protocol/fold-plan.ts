import { foldSplits, groupsOf, type FoldPlan } from '../data/fold-splits.js';
import { POSITIVE_FINDING } from '../data/open-datasets.js';
import type { Split, SplitSample } from '../data/sample.js';
import { leftOutSources, sourceSplits, type SourcePlan } from '../data/source-splits.js';
import type { OpenedDataset } from '../data/open-datasets.js';
import { MultichexnetError } from '../errors.js';
import type { ResolvedPhase } from './resolved-phase.js';

/** Below this many test images a single split says too little, and `crossValidate: auto` deals folds. */
const FEW_TEST_IMAGES = 100;
const AUTO_FOLDS: FoldPlan = { folds: 5, repeats: 2 };

/**
 * How a phase deals folds; undefined for a plain split.
 * @throws MultichexnetError PROTOCOL_PHASE for cross-validation over several datasets
 */
export function foldPlan(
  { name, crossValidate, schedule }: Pick<ResolvedPhase, 'name' | 'crossValidate' | 'schedule'>,
  datasets: ReadonlyMap<string, OpenedDataset>,
): FoldPlan | SourcePlan | undefined {
  if (crossValidate === undefined) return undefined;
  const [dataset, ...others] = new Set(schedule.turns.map((turn) => turn.on));
  if (dataset === undefined || others.length > 0)
    throw new MultichexnetError('PROTOCOL_PHASE', 'cross-validation deals the folds of one dataset', {
      path: `phases.${name}.crossValidate`,
    });
  if (crossValidate !== 'auto') return crossValidate;
  const tests = datasets.get(dataset)?.samples.filter((sample) => sample.split === 'test').length ?? 0;
  return tests < FEW_TEST_IMAGES ? AUTO_FOLDS : undefined;
}

/** How many networks a plan trains. */
export function fitsOf(plan: FoldPlan | SourcePlan, samples: readonly SplitSample[]): number {
  return 'by' in plan ? leftOutSources(samples, plan).length : plan.folds * plan.repeats;
}

/** How many groups can be dealt into the folds of a plan, and what they are. */
export function countGroups(
  samples: readonly SplitSample[],
  { group = 'patient' }: FoldPlan,
): { readonly count: number; readonly what: string } {
  return { count: new Set(groupsOf(samples, group)).size, what: `${group}s` };
}

/**
 * For each network the part of every sample. Folds are dealt evenly by the one finding that the phase tells, else by whether there is any finding.
 * @throws MultichexnetError SPLIT_EMPTY, DATA_SOURCES
 */
export function divide(
  samples: readonly SplitSample[],
  plan: FoldPlan | SourcePlan,
  { heads }: Pick<ResolvedPhase, 'heads'>,
  seed: number,
): Split[][] {
  if ('by' in plan) return sourceSplits(samples, plan, seed);
  const [finding = POSITIVE_FINDING, ...others] = findingsOf(heads);
  const dealt = others.length === 0 ? finding : POSITIVE_FINDING;
  return foldSplits(samples, ({ labels }) => labels.findings[dealt] === true, plan, seed);
}

/** What the heads of a phase are to tell. */
export function findingsOf(heads: ResolvedPhase['heads']): string[] {
  return [...new Set(Object.values(heads).flatMap((head) => (head['classes'] as readonly string[] | undefined) ?? []))];
}
