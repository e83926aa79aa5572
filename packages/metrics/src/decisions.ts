import { assertLength, MetricsError } from './errors.js';
import { assertMultiplicity, type Multiplicity } from './multiplicity.js';
import { assertClassMatrix, assertEntry } from './ranking.js';

const LEFT_OUT = 4;

/**
 * Thresholded items, shape [n]: 0 true negative, 1 false positive, 2 false negative, 3 true positive, 4 left out
 * because its label is unknown. Made once; {@link confusion} counts it for each resample.
 */
export type Decisions = Uint8Array;

/** Counts of one class; with a multiplicity, of the copies. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

/**
 * Calls an item positive when `score >= threshold`.
 *
 * @param scores shape [n]
 * @param labels shape [n], 0 or 1
 * @param known shape [n], 0 = label unknown, the item is left out
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_LABEL_INVALID, METRICS_SCORE_INVALID, METRICS_OPTION_INVALID
 */
export function decide(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
  known?: ArrayLike<number>,
): Decisions {
  assertLength('labels', labels.length, scores.length);
  if (known !== undefined) assertLength('known', known.length, scores.length);
  return decideColumn(scores, labels, threshold, known, 0, 1);
}

/**
 * {@link decide} for each class of row-major [n, classes] matrices, with one threshold per class.
 *
 * @throws {MetricsError} as {@link decide}
 */
export function decideClasses(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  thresholds: ArrayLike<number>,
  known?: ArrayLike<number>,
): Decisions[] {
  const classes = thresholds.length;
  assertClassMatrix(scores, labels, classes, known);
  return Array.from({ length: classes }, (_, column) =>
    decideColumn(scores, labels, thresholds[column]!, known, column, classes),
  );
}

/** Counts the four outcomes, O(n). */
export function confusion(decisions: Decisions, multiplicity?: Multiplicity): Confusion {
  assertMultiplicity(multiplicity, decisions.length);
  let falsePositives = 0;
  let trueNegatives = 0;
  let falseNegatives = 0;
  let truePositives = 0;
  for (let i = 0; i < decisions.length; i++) {
    const copies = multiplicity === undefined ? 1 : multiplicity[i]!;
    const outcome = decisions[i]!;
    if (outcome === 0) trueNegatives += copies;
    else if (outcome === 1) falsePositives += copies;
    else if (outcome === 2) falseNegatives += copies;
    else if (outcome === 3) truePositives += copies;
  }
  return { truePositives, falsePositives, trueNegatives, falseNegatives };
}

function decideColumn(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  threshold: number,
  known: ArrayLike<number> | undefined,
  column: number,
  stride: number,
): Decisions {
  if (Number.isNaN(threshold)) {
    throw new MetricsError('METRICS_OPTION_INVALID', `threshold of class ${column} is NaN: a number wanted`);
  }
  const items = scores.length / stride;
  const decisions = new Uint8Array(items);
  for (let item = 0; item < items; item++) {
    const at = item * stride + column;
    if (known !== undefined && known[at] === 0) {
      decisions[item] = LEFT_OUT;
      continue;
    }
    assertEntry(scores[at]!, labels[at]!, at);
    decisions[item] = 2 * labels[at]! + (scores[at]! >= threshold ? 1 : 0);
  }
  return decisions;
}
