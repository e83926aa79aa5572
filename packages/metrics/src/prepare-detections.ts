import { assertBoxes, boxIous } from './box-overlap.js';
import { assertLength, MetricsError } from './errors.js';

/** One image of one class. */
export interface DetectionImage {
  /** [m * 4] true boxes: x, y (top left), width, height, in the unit of `predicted`. */
  readonly truth: ArrayLike<number>;
  /** [k * 4] predicted boxes, the same. */
  readonly predicted: ArrayLike<number>;
  /** [k] confidence of each predicted box. */
  readonly scores: ArrayLike<number>;
}

/** What is left of an image once its boxes are matched, for the VOC and the RSNA rule; made once by {@link prepareDetections}. */
export interface DetectionRecord {
  /** Number of true boxes. */
  readonly truths: number;
  /** [k] confidences, highest first; equal ones keep their order. */
  readonly scores: Float64Array;
  /** [k] 1 = hit by the VOC rule. */
  readonly vocHits: Uint16Array;
  /** [k + 1] the image's RSNA score when its first i predictions are kept. Entry 0 is 0. */
  readonly rsna: Float64Array;
}

/** 0.40, 0.45, ... 0.75: the RSNA Pneumonia Detection Challenge. */
export const RSNA_THRESHOLDS: readonly number[] = Array.from({ length: 8 }, (_, t) => (40 + 5 * t) / 100);

/**
 * Matches the predictions of one image under two rules, each by descending confidence:
 *
 * - VOC: a prediction points at the true box of highest IoU, free or not; a hit when IoU >= 0.5 and it is still free.
 * - RSNA: a prediction takes the free true box of highest IoU > t ("greater than", as the challenge says); the score
 *   at t is TP / (TP + FP + FN), the image's score the mean over t = .40, .45, ... .75.
 *
 * @throws {MetricsError} METRICS_BOX_INVALID, METRICS_LENGTH_MISMATCH, METRICS_SCORE_INVALID (NaN)
 */
export function prepareDetections(image: DetectionImage): DetectionRecord {
  const sorted = sortByScore(image);
  const truths = image.truth.length / 4;
  const count = sorted.scores.length;
  const ious = boxIous(sorted.boxes, image.truth); // [count, truths]
  const taken = new Uint8Array(truths);
  const vocHits = matchVoc(ious, truths, count, taken);

  const rsna = new Float64Array(count + 1);
  for (const threshold of RSNA_THRESHOLDS) {
    const hits = matchRsna(ious, truths, count, taken, threshold);
    let found = 0;
    for (let kept = 1; kept <= count; kept++) {
      found += hits[kept - 1]!;
      // TP + FP + FN = kept + (truths - found)
      rsna[kept]! += found / (kept + truths - found) / RSNA_THRESHOLDS.length;
    }
  }
  return { truths, scores: sorted.scores, vocHits, rsna };
}

/**
 * The predicted boxes and their confidences, highest first, equal ones in their order.
 * @throws {MetricsError} METRICS_BOX_INVALID, METRICS_LENGTH_MISMATCH, METRICS_SCORE_INVALID
 */
export function sortByScore(image: DetectionImage): { boxes: Float64Array; scores: Float64Array } {
  const { truth, predicted, scores } = image;
  assertBoxes('truth', truth, false);
  assertBoxes('predicted', predicted, true);
  assertLength('scores', scores.length, predicted.length / 4);
  const order = Array.from({ length: scores.length }, (_, i) => i);
  for (const i of order) {
    if (Number.isNaN(scores[i])) {
      throw new MetricsError('METRICS_SCORE_INVALID', `scores[${i}] is NaN: a confidence wanted`);
    }
  }
  order.sort((a, b) => (scores[a]! > scores[b]! ? -1 : scores[a]! < scores[b]! ? 1 : a - b));
  const boxes = new Float64Array(predicted.length);
  order.forEach((from, to) => {
    for (let side = 0; side < 4; side++) boxes[4 * to + side] = predicted[4 * from + side]!;
  });
  return { boxes, scores: Float64Array.from(order, (i) => scores[i]!) };
}

function matchRsna(
  ious: Float64Array,
  truths: number,
  count: number,
  taken: Uint8Array,
  threshold: number,
): Uint8Array {
  taken.fill(0);
  const hits = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let best = threshold;
    let match = -1;
    for (let t = 0; t < truths; t++) {
      const iou = ious[i * truths + t]!;
      if (taken[t] === 1 || iou <= best) continue;
      best = iou;
      match = t;
    }
    if (match < 0) continue;
    taken[match] = 1;
    hits[i] = 1;
  }
  return hits;
}

function matchVoc(ious: Float64Array, truths: number, count: number, taken: Uint8Array): Uint16Array {
  taken.fill(0);
  const hits = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    let best = -1;
    let match = -1;
    for (let t = 0; t < truths; t++) {
      if (ious[i * truths + t]! <= best) continue;
      best = ious[i * truths + t]!;
      match = t;
    }
    if (best < 0.5 || taken[match] === 1) continue;
    taken[match] = 1;
    hits[i] = 1;
  }
  return hits;
}
