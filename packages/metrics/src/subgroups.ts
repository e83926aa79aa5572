import { bootstrapIntervals, type BootstrapInterval, type BootstrapOptions } from './bootstrap.js';
import { assertLength } from './errors.js';

export interface Subgroup {
  /** undefined = the items whose group is not known. */
  readonly group: string | undefined;
  readonly items: number;
  /** One per statistic. */
  readonly intervals: readonly BootstrapInterval[];
}

/**
 * Statistics of each group of items (women, men; PA, AP), with intervals from resampling the group's own clusters. What
 * the statistics were prepared from (a ranking, decisions) serves every group: an item outside counts 0 times.
 *
 * @param options `groups` [n], undefined where the group is not known; `statistics` as of `bootstrapIntervals`
 * @returns one entry a group, named groups in alphabetical order, then the items without a known group
 * @throws {MetricsError} as `bootstrapIntervals`; METRICS_LENGTH_MISMATCH
 */
export function subgroupIntervals(
  options: BootstrapOptions & {
    readonly groups: readonly (string | undefined)[];
    readonly statistics: (multiplicity: Uint16Array) => readonly (number | undefined)[];
  },
): Subgroup[] {
  const { groups, statistics, clusters, ...rest } = options;
  assertLength('groups', groups.length, clusters.length);
  const members = new Map<string | undefined, number[]>();
  groups.forEach((group, item) => {
    const own = members.get(group);
    if (own === undefined) members.set(group, [item]);
    else own.push(item);
  });
  return [...members]
    .sort(([a], [b]) => order(a, b))
    .map(([group, items]) => {
      const whole = new Uint16Array(groups.length);
      const intervals = bootstrapIntervals({
        ...rest,
        clusters: items.map((item) => String(clusters[item]!)),
        statistics: (multiplicity) => {
          items.forEach((item, i) => (whole[item] = multiplicity[i]!));
          return statistics(whole);
        },
      });
      return { group, items: items.length, intervals };
    });
}

function order(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  return a < b ? -1 : 1;
}
