import { assertLength, MetricsError } from './errors.js';
import { weightedMean } from './macro-mean.js';
import type { Multiplicity } from './multiplicity.js';

/** Pixel counts of one predicted mask against the true one. */
export interface MaskOverlap {
  readonly predicted: number;
  readonly truth: number;
  readonly intersection: number;
}

/**
 * Counts the pixels of one image, O(pixels).
 *
 * @param prediction shape [h * w], a mask (0 or 1, 0 or 255) or probabilities
 * @param truth shape [h * w], foreground where not 0
 * @param threshold a predicted pixel is foreground when `value >= threshold`
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_SCORE_INVALID (NaN), METRICS_OPTION_INVALID
 */
export function maskOverlap(prediction: ArrayLike<number>, truth: ArrayLike<number>, threshold = 0.5): MaskOverlap {
  assertLength('truth', truth.length, prediction.length);
  if (Number.isNaN(threshold)) throw new MetricsError('METRICS_OPTION_INVALID', 'threshold is NaN: a number wanted');
  let predicted = 0;
  let real = 0;
  let intersection = 0;
  for (let i = 0; i < prediction.length; i++) {
    const value = prediction[i]!;
    if (Number.isNaN(value)) {
      throw new MetricsError(
        'METRICS_SCORE_INVALID',
        `prediction[${i}] is NaN: the model's output is not a number there`,
      );
    }
    const inTruth = truth[i] !== 0;
    if (inTruth) real++;
    if (value >= threshold) {
      predicted++;
      if (inTruth) intersection++;
    }
  }
  return { predicted, truth: real, intersection };
}

/** Dice = 2 |A ∩ B| / (|A| + |B|), in [0, 1]; two empty masks agree: 1 (the SIIM-ACR rule). */
export function maskDice(overlap: MaskOverlap): number {
  const whole = overlap.predicted + overlap.truth;
  return whole === 0 ? 1 : (2 * overlap.intersection) / whole;
}

/** IoU = |A ∩ B| / |A ∪ B|, in [0, 1]; two empty masks agree: 1. */
export function maskIou(overlap: MaskOverlap): number {
  const union = overlap.predicted + overlap.truth - overlap.intersection;
  return union === 0 ? 1 : overlap.intersection / union;
}

/** One number per image, made once by {@link scoreMasks}; the means read it for each resample. */
export interface MaskScores {
  /** [n] */
  readonly dice: Float64Array;
  /** [n] */
  readonly iou: Float64Array;
  /** [n] 1 where the true mask is not empty. */
  readonly positive: Uint8Array;
}

/** Means over images. `positives` is the mean over images whose true mask is not empty: an empty prediction everywhere
 * already earns the share of negatives in `all`. Each is undefined without such an image. */
export interface MaskMean {
  readonly all: number | undefined;
  readonly positives: number | undefined;
}

/** Dice and IoU of each image. */
export function scoreMasks(overlaps: readonly MaskOverlap[]): MaskScores {
  return {
    dice: Float64Array.from(overlaps, maskDice),
    iou: Float64Array.from(overlaps, maskIou),
    positive: Uint8Array.from(overlaps, (overlap) => (overlap.truth > 0 ? 1 : 0)),
  };
}

/** @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID */
export function meanDice(scores: MaskScores, multiplicity?: Multiplicity): MaskMean {
  return meanOfMasks(scores.dice, scores.positive, multiplicity);
}

/** @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID */
export function meanIou(scores: MaskScores, multiplicity?: Multiplicity): MaskMean {
  return meanOfMasks(scores.iou, scores.positive, multiplicity);
}

function meanOfMasks(values: Float64Array, positive: Uint8Array, multiplicity?: Multiplicity): MaskMean {
  return {
    all: weightedMean(values, undefined, multiplicity),
    positives: weightedMean(values, positive, multiplicity),
  };
}
