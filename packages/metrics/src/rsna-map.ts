import { MetricsError } from './errors.js';
import { weightedMean } from './macro-mean.js';
import type { Multiplicity } from './multiplicity.js';
import type { DetectionRecord } from './prepare-detections.js';
import type { ChosenThreshold } from './thresholds.js';

/** RSNA scores of the images, made once by {@link scoreRsnaImages}. */
export interface RsnaScores {
  /** [n] in [0, 1] */
  readonly scores: Float64Array;
  /** [n] 0 where the image is skipped: neither a true nor a predicted box. */
  readonly counted: Uint8Array;
}

/**
 * Applies the operating point: predictions below `minScore` are not submitted. The rule punishes every one that is.
 * An image without true boxes scores 0 with a prediction left and is skipped without.
 *
 * @throws {MetricsError} METRICS_OPTION_INVALID when `minScore` is NaN
 */
export function scoreRsnaImages(records: readonly DetectionRecord[], minScore = -Infinity): RsnaScores {
  if (Number.isNaN(minScore)) throw new MetricsError('METRICS_OPTION_INVALID', 'minScore is NaN: a number wanted');
  const scores = new Float64Array(records.length);
  const counted = new Uint8Array(records.length);
  records.forEach((record, image) => {
    const kept = countAtLeast(record.scores, minScore);
    if (record.truths === 0 && kept === 0) return;
    scores[image] = record.rsna[kept]!;
    counted[image] = 1;
  });
  return { scores, counted };
}

/**
 * RSNA Pneumonia Detection Challenge score: the mean over counted images of the mean over IoU thresholds .40, .45, ...
 * .75 of TP / (TP + FP + FN).
 *
 * @returns a number in [0, 1]; undefined when every image is skipped
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function rsnaMap(images: RsnaScores, multiplicity?: Multiplicity): number | undefined {
  return weightedMean(images.scores, images.counted, multiplicity);
}

/**
 * The operating point (`minScore`) that maximises {@link rsnaMap}, tried at every distinct confidence and at Infinity
 * (submit nothing), the highest of equals. O(D log D) for D predictions. Choose it on validation images.
 *
 * @returns undefined when no operating point has a score (no true and no predicted box at all)
 */
export function rsnaThreshold(records: readonly DetectionRecord[]): ChosenThreshold | undefined {
  const pooled = records.flatMap((record, image) => Array.from(record.scores, (score) => ({ score, image })));
  pooled.sort((a, b) => (a.score > b.score ? -1 : a.score < b.score ? 1 : 0));
  const kept = new Uint32Array(records.length);
  let sum = 0;
  let counted = records.reduce((count, record) => count + (record.truths > 0 ? 1 : 0), 0);
  let best: ChosenThreshold | undefined = counted > 0 ? { threshold: Infinity, value: 0 } : undefined;
  pooled.forEach(({ score, image }, i) => {
    const record = records[image]!;
    const before = kept[image]!++;
    if (record.truths === 0 && before === 0) counted++;
    sum += record.rsna[before + 1]! - record.rsna[before]!;
    if (pooled[i + 1]?.score === score) return; // a threshold lets all of its equals in
    const value = sum / counted;
    if (best === undefined || value > best.value) best = { threshold: score, value };
  });
  return best;
}

/** How many of the descending scores are >= minScore. */
function countAtLeast(scores: Float64Array, minScore: number): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! >= minScore) low = middle + 1;
    else high = middle;
  }
  return low;
}
