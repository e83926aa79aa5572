import { assertMultiplicity, type Multiplicity } from './multiplicity.js';
import type { Ranking } from './ranking.js';

/** A point of a curve: what calling positive from this score on reaches. The first stands at Infinity, for calling nothing. */
export interface OperatingPoint {
  readonly threshold: number;
  /** TP / P; undefined without a positive item. */
  readonly sensitivity: number | undefined;
  /** FP / N; undefined without a negative item. */
  readonly falsePositiveRate: number | undefined;
  /** TP / (TP + FP); undefined where nothing is called. */
  readonly precision: number | undefined;
}

/**
 * Every operating point, by falling score: ROC is sensitivity over falsePositiveRate, the precision-recall curve precision
 * over sensitivity. One point per distinct score, none left out.
 *
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function operatingPoints(ranking: Ranking, multiplicity?: Multiplicity): OperatingPoint[] {
  assertMultiplicity(multiplicity, ranking.items);
  const { order, positive, scores, groupEnds } = ranking;
  const counts: { threshold: number; hits: number; alarms: number }[] = [{ threshold: Infinity, hits: 0, alarms: 0 }];
  let hits = 0;
  let alarms = 0;
  let i = 0;
  for (const end of groupEnds) {
    for (; i < end; i++) {
      const copies = multiplicity === undefined ? 1 : multiplicity[order[i]!]!;
      if (positive[i] === 1) hits += copies;
      else alarms += copies;
    }
    counts.push({ threshold: scores[end - 1]!, hits, alarms });
  }
  const share = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);
  return counts.map(({ threshold, hits: right, alarms: wrong }) => ({
    threshold,
    sensitivity: share(right, hits),
    falsePositiveRate: share(wrong, alarms),
    precision: share(right, right + wrong),
  }));
}
