import type { Decisions } from './decisions.js';
import { assertLength, MetricsError } from './errors.js';

export interface McnemarTest {
  /** Items that the first model called rightly and the second wrongly. */
  readonly firstOnly: number;
  readonly secondOnly: number;
  /** Two-sided exact p: `min(1, 2 P(X <= min(firstOnly, secondOnly)))`, X binomial with 1/2; 1 without such an item. */
  readonly p: number;
}

/**
 * McNemar's exact test of two models' decisions on the same items (McNemar 1947). It takes items as independent, so it
 * is refused where a patient has several: `pairedBootstrap` with clusters, or `delongTest` with clusters, answers then.
 *
 * @param first @param second decisions on the same labels, shape [n]; items with an unknown label are left out
 * @param clusters the patient of each item, shape [n]
 * @throws {MetricsError} METRICS_PATIENT_REPEATS, METRICS_LENGTH_MISMATCH, METRICS_LABEL_INVALID (labels differ)
 */
export function mcnemar(
  first: Decisions,
  second: Decisions,
  clusters: readonly string[] | ArrayLike<number>,
): McnemarTest {
  assertLength('second', second.length, first.length);
  assertLength('clusters', clusters.length, first.length);
  const seen = new Set<string | number>();
  let firstOnly = 0;
  let secondOnly = 0;
  for (let item = 0; item < first.length; item++) {
    const [a, b] = [first[item]!, second[item]!];
    if (a >> 1 !== b >> 1) {
      throw new MetricsError(
        'METRICS_LABEL_INVALID',
        `item ${item} has another label in the second decisions: decide on the same labels, with the same known items`,
      );
    }
    if (a > 3) continue;
    if (seen.has(clusters[item]!)) {
      throw new MetricsError(
        'METRICS_PATIENT_REPEATS',
        `item ${item} is another one of its patient, and McNemar's test wants independent items: use pairedBootstrap with clusters`,
      );
    }
    seen.add(clusters[item]!);
    // 0 and 3 are right, 1 and 2 wrong
    const [right, alsoRight] = [a === 0 || a === 3, b === 0 || b === 3];
    if (right && !alsoRight) firstOnly++;
    if (!right && alsoRight) secondOnly++;
  }
  return {
    firstOnly,
    secondOnly,
    p: Math.min(1, 2 * halfBinomial(Math.min(firstOnly, secondOnly), firstOnly + secondOnly)),
  };
}

/** P(X <= k) of a binomial with n trials of 1/2, summed in logarithms. */
function halfBinomial(k: number, n: number): number {
  let logTerm = -n * Math.LN2;
  let sum = 0;
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((n - i) / (i + 1));
  }
  return sum;
}
