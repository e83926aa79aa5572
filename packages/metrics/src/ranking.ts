import { assertLength, MetricsError } from './errors.js';

/**
 * The known items of one class sorted by descending score, made once by {@link rankScores}; every ranking metric
 * and every bootstrap resample reads it in O(n).
 */
export interface Ranking {
  /** Items that were given, known or not: the length a multiplicity must have. */
  readonly items: number;
  /** [k] item index of each known item, highest score first; equal scores keep their order. */
  readonly order: Uint32Array;
  /** [k] 1 for a positive item, 0 for a negative one, in that order. */
  readonly positive: Uint8Array;
  /** [k] the scores, in that order. */
  readonly scores: Float64Array;
  /** [g] where each run of equal scores ends (exclusive). */
  readonly groupEnds: Uint32Array;
  /** The same items again, cut for AUROC alone. */
  readonly blocks: RankingBlocks;
}

/**
 * The ranking as blocks of a run of negatives and a run of positives: without ties each block's negatives score above its
 * positives; a run of equal scores that has both is a block of its own, a tied one. Summing a run has no branch per item.
 */
export interface RankingBlocks {
  /** [k] item index, block after block. */
  readonly order: Uint32Array;
  /** [b] where the negatives of each block end (exclusive), and its positives begin. */
  readonly negativeEnds: Uint32Array;
  /** [b] where each block ends (exclusive). */
  readonly ends: Uint32Array;
  /** [b] 1 = all of its scores are equal. */
  readonly tied: Uint8Array;
}

/**
 * Sorts the items of one class, O(n log n).
 *
 * @param scores shape [n], any real numbers (higher = more likely positive)
 * @param labels shape [n], 0 or 1
 * @param known shape [n], 0 = label unknown: the item is left out; without it every label is known
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_LABEL_INVALID (neither 0 nor 1), METRICS_SCORE_INVALID (NaN)
 */
export function rankScores(scores: ArrayLike<number>, labels: ArrayLike<number>, known?: ArrayLike<number>): Ranking {
  assertLength('labels', labels.length, scores.length);
  if (known !== undefined) assertLength('known', known.length, scores.length);
  return rankColumn(scores, labels, known, 0, 1);
}

/**
 * One {@link Ranking} per class from row-major matrices.
 *
 * @param scores shape [n, classes]
 * @param labels shape [n, classes], 0 or 1
 * @param known shape [n, classes], 0 = that label is unknown for that class alone
 * @throws {MetricsError} as {@link rankScores}; METRICS_OPTION_INVALID when `classes` is not a positive integer
 */
export function rankClasses(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  known?: ArrayLike<number>,
): Ranking[] {
  assertClassMatrix(scores, labels, classes, known);
  return Array.from({ length: classes }, (_, column) => rankColumn(scores, labels, known, column, classes));
}

/** @throws {MetricsError} METRICS_OPTION_INVALID, METRICS_LENGTH_MISMATCH. */
export function assertClassMatrix(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  known: ArrayLike<number> | undefined,
): void {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new MetricsError('METRICS_OPTION_INVALID', `classes is ${classes}: a positive integer wanted`);
  }
  if (scores.length % classes !== 0) {
    throw new MetricsError(
      'METRICS_LENGTH_MISMATCH',
      `scores has ${scores.length} entries, not a multiple of ${classes} classes: pass a row-major [n, classes] array`,
    );
  }
  assertLength('labels', labels.length, scores.length);
  if (known !== undefined) assertLength('known', known.length, scores.length);
}

/** @throws {MetricsError} METRICS_LABEL_INVALID, METRICS_SCORE_INVALID. */
export function assertEntry(score: number, label: number, at: number): void {
  if (label !== 0 && label !== 1) {
    throw new MetricsError(
      'METRICS_LABEL_INVALID',
      `labels[${at}] is ${label}: 0 or 1 wanted; mark an unknown label by known[${at}] = 0`,
    );
  }
  if (Number.isNaN(score)) {
    throw new MetricsError('METRICS_SCORE_INVALID', `scores[${at}] is NaN: the model's output is not a number there`);
  }
}

function rankColumn(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  known: ArrayLike<number> | undefined,
  column: number,
  stride: number,
): Ranking {
  const items = scores.length / stride;
  const column64 = new Float64Array(items);
  let count = 0;
  const kept = new Uint32Array(items);
  for (let item = 0; item < items; item++) {
    const at = item * stride + column;
    if (known !== undefined && known[at] === 0) continue;
    assertEntry(scores[at]!, labels[at]!, at);
    column64[item] = scores[at]!;
    kept[count++] = item;
  }
  const order = kept.slice(0, count);
  order.sort((a, b) => {
    const left = column64[a]!;
    const right = column64[b]!;
    return left > right ? -1 : left < right ? 1 : a - b;
  });

  const positive = new Uint8Array(count);
  const sorted = new Float64Array(count);
  const ends = new Uint32Array(count);
  let groups = 0;
  for (let i = 0; i < count; i++) {
    positive[i] = labels[order[i]! * stride + column]!;
    sorted[i] = column64[order[i]!]!;
    if (i > 0 && sorted[i] !== sorted[i - 1]) ends[groups++] = i;
  }
  if (count > 0) ends[groups++] = count;
  const groupEnds = ends.slice(0, groups);
  return { items, order, positive, scores: sorted, groupEnds, blocks: cutBlocks(order, positive, groupEnds) };
}

function cutBlocks(order: Uint32Array, positive: Uint8Array, groupEnds: Uint32Array): RankingBlocks {
  const cut = new Uint32Array(order.length);
  const negativeEnds: number[] = [];
  const ends: number[] = [];
  const tied: number[] = [];
  let start = 0;
  let open = false; // whether the last block may still take items
  for (const end of groupEnds) {
    let negatives = 0;
    for (let i = start; i < end; i++) negatives += 1 - positive[i]!;
    const mixed = negatives > 0 && negatives < end - start;
    const last = ends.length - 1;
    if (open && !mixed && negatives === 0) {
      ends[last] = end;
    } else if (open && !mixed && negativeEnds[last] === ends[last]) {
      negativeEnds[last] = ends[last] = end;
    } else {
      negativeEnds.push(start + negatives);
      ends.push(end);
      tied.push(mixed ? 1 : 0);
    }
    open = !mixed;
    let [n, p] = [start, start + negatives];
    for (let i = start; i < end; i++) cut[positive[i] === 1 ? p++ : n++] = order[i]!;
    start = end;
  }
  return {
    order: cut,
    negativeEnds: Uint32Array.from(negativeEnds),
    ends: Uint32Array.from(ends),
    tied: Uint8Array.from(tied),
  };
}
