import type { ClassMean } from './auroc.js';
import { macroMean } from './macro-mean.js';
import { assertMultiplicity, type Multiplicity } from './multiplicity.js';
import type { Ranking } from './ranking.js';

/**
 * Average precision, the step-wise area under the precision-recall curve: `sum over distinct scores, descending, of
 * (R_k - R_(k-1)) P_k`, without interpolation (scikit-learn's definition).
 *
 * @returns a number in (0, 1]; undefined without a positive item
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function averagePrecision(ranking: Ranking, multiplicity?: Multiplicity): number | undefined {
  assertMultiplicity(multiplicity, ranking.items);
  const { order, positive, groupEnds } = ranking;
  let hits = 0;
  let seen = 0;
  let sum = 0;
  let i = 0;
  for (let group = 0; group < groupEnds.length; group++) {
    const end = groupEnds[group]!;
    let groupHits = 0;
    for (; i < end; i++) {
      const copies = multiplicity === undefined ? 1 : multiplicity[order[i]!]!;
      seen += copies;
      if (positive[i] === 1) groupHits += copies;
    }
    hits += groupHits;
    if (groupHits > 0) sum += (groupHits * hits) / seen;
  }
  return hits === 0 ? undefined : sum / hits;
}

/** Mean average precision over the classes that have a positive among their known items. */
export function macroAveragePrecision(rankings: readonly Ranking[], multiplicity?: Multiplicity): ClassMean {
  const perClass = rankings.map((ranking) => averagePrecision(ranking, multiplicity));
  return { ...macroMean(perClass), perClass };
}
