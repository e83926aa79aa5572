import { bootstrapInterval, type BootstrapInterval, type BootstrapOptions, type Statistic } from './bootstrap.js';
import { assertLength } from './errors.js';

export interface SubgroupInterval extends BootstrapInterval {
  /** undefined = the items whose group is not known. */
  readonly group: string | undefined;
  readonly items: number;
}

/**
 * A statistic of each group of items (women, men; PA, AP), with an interval from resampling the group's own clusters.
 * What the statistic was prepared from (a ranking, decisions) serves every group: an item outside counts 0 times.
 *
 * @param options `groups` [n], undefined where the group is not known
 * @returns one entry a group, named groups in alphabetical order, then the items without a known group
 * @throws {MetricsError} as `bootstrapInterval`; METRICS_LENGTH_MISMATCH
 */
export function subgroupIntervals(
  options: BootstrapOptions & {
    readonly groups: readonly (string | undefined)[];
    readonly statistic: Statistic;
  },
): SubgroupInterval[] {
  const { groups, statistic, clusters, ...rest } = options;
  assertLength('groups', groups.length, clusters.length);
  const members = new Map<string | undefined, number[]>();
  groups.forEach((group, item) => {
    const own = members.get(group);
    if (own === undefined) members.set(group, [item]);
    else own.push(item);
  });
  const whole = new Uint16Array(groups.length);
  return [...members]
    .sort(([a], [b]) => order(a, b))
    .map(([group, items]) => {
      const own = items.map((item) => String(clusters[item]!));
      whole.fill(0);
      const interval = bootstrapInterval({
        ...rest,
        clusters: own,
        statistic: (multiplicity) => {
          items.forEach((item, i) => (whole[item] = multiplicity[i]!));
          return statistic(whole);
        },
      });
      return { group, items: items.length, ...interval };
    });
}

function order(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  return a < b ? -1 : 1;
}
