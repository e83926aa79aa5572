import { MetricsError } from './errors.js';
import type { Ranking } from './ranking.js';

/** A decision threshold (`score >= threshold` is positive) and what it reached on the items it was chosen on. */
export interface ChosenThreshold {
  readonly threshold: number;
  readonly value: number;
}

/**
 * The score that maximises Youden's J = sensitivity + specificity - 1; the highest of equals. Choose it on validation
 * items, never on the test items it is then used for.
 *
 * @returns undefined when one of the two classes is absent
 */
export function youdenThreshold(ranking: Ranking): ChosenThreshold | undefined {
  const { positives, negatives } = countClasses(ranking);
  if (positives === 0 || negatives === 0) return undefined;
  return bestThreshold(ranking, (hits, alarms) => hits / positives - alarms / negatives);
}

/**
 * The score that maximises F1 = 2 TP / (TP + FP + P); the highest of equals.
 *
 * @returns undefined without a positive item
 */
export function f1Threshold(ranking: Ranking): ChosenThreshold | undefined {
  const { positives } = countClasses(ranking);
  if (positives === 0) return undefined;
  return bestThreshold(ranking, (hits, alarms) => (2 * hits) / (hits + alarms + positives));
}

/**
 * The highest score whose sensitivity is at least `sensitivity`: the operating point of the most specificity there.
 * `value` is the sensitivity that it has.
 *
 * @param sensitivity in (0, 1]
 * @returns undefined without a positive item
 * @throws {MetricsError} METRICS_OPTION_INVALID
 */
export function sensitivityThreshold(ranking: Ranking, sensitivity: number): ChosenThreshold | undefined {
  if (!(sensitivity > 0 && sensitivity <= 1)) {
    throw new MetricsError(
      'METRICS_OPTION_INVALID',
      `sensitivity is ${sensitivity}: a number above 0 and up to 1 wanted, like 0.9`,
    );
  }
  const { positives } = countClasses(ranking);
  if (positives === 0) return undefined;
  let hits = 0;
  let i = 0;
  for (const end of ranking.groupEnds) {
    for (; i < end; i++) hits += ranking.positive[i]!;
    if (hits / positives >= sensitivity) return { threshold: ranking.scores[end - 1]!, value: hits / positives };
  }
  return undefined;
}

function countClasses(ranking: Ranking): { positives: number; negatives: number } {
  let positives = 0;
  for (const label of ranking.positive) positives += label;
  return { positives, negatives: ranking.positive.length - positives };
}

/** Tries every distinct score in O(n): `quality` gets the true and the false positives at it. */
function bestThreshold(ranking: Ranking, quality: (hits: number, alarms: number) => number): ChosenThreshold {
  let best: ChosenThreshold = { threshold: Infinity, value: -Infinity };
  let hits = 0;
  let i = 0;
  for (const end of ranking.groupEnds) {
    for (; i < end; i++) hits += ranking.positive[i]!;
    const value = quality(hits, end - hits);
    if (value > best.value) best = { threshold: ranking.scores[end - 1]!, value };
  }
  return best;
}
