import {
  bySeed,
  type FoldStatistic,
  measureSeedsDifference,
  measureSeedsGain,
  type BootstrapSettings,
  type Logger,
  type Measurement,
  type PairedMeasurement,
  type TaskPair,
} from '@multichexnet/core';
import { holm } from '@multichexnet/metrics';
import {
  readPhaseStatistics,
  samePlace,
  type HeadStatistics,
  type MetricInfo,
  type MetricPlace,
  type PhaseRequest,
} from './phase-statistics.js';

/** The difference of one metric between two phases on the same test images. */
export interface Comparison extends MetricPlace, MetricInfo, PairedMeasurement {
  /** What it is compared with. */
  readonly against: string;
  /** p after Holm, over all comparisons that were made together. */
  readonly adjusted?: number;
  /** Why there is no difference. */
  readonly missing?: string;
}

/** Delta m of a phase with several tasks: the mean relative gain of the first metric of each head over what it was compared with. */
export interface PhaseGain extends Measurement {
  readonly phase: string;
  /** `<head>@<dataset>/<gate>` */
  readonly tasks: readonly string[];
}

export interface CompareRequest {
  readonly first: PhaseRequest;
  readonly others: readonly { readonly name: string; readonly request: PhaseRequest }[];
  readonly protocol: BootstrapSettings;
  readonly logger: Logger;
}

/**
 * First minus another, by paired bootstrap over patients (and seeds, where both have as many): the metrics asked for, by default the first of each head. Each head is compared with the first
 * of the others that has it on the same dataset behind the same gate.
 * @throws MultichexnetError RUN_PHASE_UNFINISHED
 */
export async function comparePhases({
  first,
  others,
  protocol,
  logger,
}: CompareRequest): Promise<{ comparisons: Comparison[]; gain?: PhaseGain }> {
  const ours = await readPhaseStatistics(first);
  const theirs: { name: string; heads: HeadStatistics[] }[] = [];
  for (const { name, request } of others) theirs.push({ name, heads: await readPhaseStatistics(request) });
  const all = (first.only ?? []).length > 0;
  const tasks: { readonly name: string; readonly seeds: readonly TaskPair[] }[] = [];
  const comparisons = ours.flatMap(({ metrics, ...place }, i): Comparison[] => {
    logger.progress({ name: `differences of ${place.phase}`, done: i + 1, total: ours.length });
    const other = theirs.find(({ heads }) => heads.some((head) => samePlace(head, place)));
    const against = other?.name ?? others.map(({ name }) => name).join(', ');
    const pairs = other?.heads.find((head) => samePlace(head, place))?.metrics ?? [];
    return metrics.slice(0, all ? undefined : 1).map(({ seeds, ...info }) => {
      const named = { ...place, ...info, against };
      const pair = pairs.find(({ metric }) => metric === info.metric);
      if (pair === undefined) return { ...named, missing: 'not measured there' };
      if (pair.seeds.length !== seeds.length) return { ...named, missing: 'another number of seeds' };
      const difference = measureSeedsDifference(seeds, pair.seeds, protocol);
      if (difference === undefined) return { ...named, missing: 'other test images' };
      tasks.push({ name: `${place.head}@${place.dataset}/${place.gate}`, seeds: pairSeeds(seeds, pair.seeds, info) });
      return { ...named, ...difference };
    });
  });
  // A task counts once, and a gain over some of the tasks is another quantity.
  if (all || tasks.length < 2 || tasks.length < ours.length) return { comparisons };
  const gain = measureSeedsGain(bySeed(tasks.map(({ seeds }) => seeds)), protocol);
  return { comparisons, gain: { phase: first.phase.name, tasks: tasks.map(({ name }) => name), ...gain } };
}

/** Seed by seed. */
function pairSeeds(
  multiTask: readonly FoldStatistic[],
  singleTask: readonly FoldStatistic[],
  { better }: Pick<MetricInfo, 'better'>,
): TaskPair[] {
  return multiTask.map((own, i) => ({ multiTask: own, singleTask: singleTask[i] as FoldStatistic, better }));
}

/** Adjusts the p-values of all comparisons together. */
export function adjustComparisons(comparisons: readonly Comparison[]): Comparison[] {
  const adjusted = holm(comparisons.map(({ p }) => p));
  return comparisons.map((comparison, i) => {
    const p = adjusted[i];
    return p === undefined ? comparison : { ...comparison, adjusted: p };
  });
}
