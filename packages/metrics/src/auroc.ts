import { macroMean, type MacroMean } from './macro-mean.js';
import { assertMultiplicity, type Multiplicity } from './multiplicity.js';
import type { Ranking } from './ranking.js';

/**
 * Area under the ROC curve, the Mann-Whitney statistic with ties at half (the midrank):
 * `sum over pairs (positive, negative) of [s+ > s-] + [s+ = s-] / 2, over P N`.
 *
 * @returns a number in [0, 1]; undefined when one of the two classes is absent (or weighs nothing)
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function auroc(ranking: Ranking, multiplicity?: Multiplicity): number | undefined {
  assertMultiplicity(multiplicity, ranking.items);
  const { order, negativeEnds, ends, tied } = ranking.blocks;
  let positives = 0;
  let negatives = 0;
  let twiceU = 0; // doubled, so that halves stay integers and the sum exact below 2^53
  let i = 0;
  for (let block = 0; block < ends.length; block++) {
    const negativeEnd = negativeEnds[block]!;
    const end = ends[block]!;
    let blockNegatives = negativeEnd - i;
    let blockPositives = end - negativeEnd;
    if (multiplicity !== undefined) {
      blockNegatives = blockPositives = 0;
      for (; i < negativeEnd; i++) blockNegatives += multiplicity[order[i]!]!;
      for (; i < end; i++) blockPositives += multiplicity[order[i]!]!;
    }
    i = end;
    twiceU += blockNegatives * (2 * positives + tied[block]! * blockPositives);
    positives += blockPositives;
    negatives += blockNegatives;
  }
  if (positives === 0 || negatives === 0) return undefined;
  return twiceU / (2 * positives * negatives);
}

/** {@link MacroMean} with each class's own value beside it. */
export interface ClassMean extends MacroMean {
  readonly perClass: (number | undefined)[];
}

/**
 * Mean AUROC over the classes that have both values among their known items; `counted` says how many did, because a
 * mean over fewer classes is another quantity.
 */
export function macroAuroc(rankings: readonly Ranking[], multiplicity?: Multiplicity): ClassMean {
  const perClass = rankings.map((ranking) => auroc(ranking, multiplicity));
  return { ...macroMean(perClass), perClass };
}
