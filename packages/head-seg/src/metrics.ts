import type { HeadMetric, MetricItem, OutputValue } from '@multichexnet/core';
import { decodeRle } from '@multichexnet/imaging';
import { meanDice, meanIou, scoreMasks, type MaskMean, type MaskOverlap, type MaskScores } from '@multichexnet/metrics';
import { probabilityMap, type SegPrediction } from './decode.js';

type Outputs = readonly [OutputValue];
type Item = MetricItem<Uint8Array, Outputs, SegPrediction>;

/** Thresholds that are tried: 0.05, 0.10, ... 0.95. */
export const THRESHOLDS: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** Pixel counts of one image, at the resolution of its true mask (that is, of the original image). */
export interface SegRecord {
  readonly truth: number;
  /** Predicted pixels at each of {@link THRESHOLDS}. */
  readonly predicted: readonly number[];
  /** Those of them inside the true mask. */
  readonly intersection: readonly number[];
}

type SegMetric = HeadMetric<Uint8Array, Outputs, SegPrediction, SegRecord, number, MaskScores>;

/**
 * Mean over images of Dice (two empty masks agree: 1, the SIIM-ACR rule) and the same over images whose true mask is not empty, of Dice and IoU. Each metric's
 * threshold is the one of {@link THRESHOLDS} that is best for it on validation records. Overlap is counted at original resolution.
 */
export function segMetrics(): SegMetric[] {
  const metric = (name: string, mean: typeof meanDice, part: keyof MaskMean): SegMetric => ({
    name,
    better: 'higher',
    record: 'overlap',
    observe: observeItem,
    fit: (records) => bestThreshold(records, (scores) => mean(scores)[part]),
    untuned: (validation, test) =>
      test.length > 0 && mean(scoreMasks(overlapsAt(validation, 0)))[part] === undefined ? ['masks'] : [],
    prepare: (records, threshold) => scoreMasks(overlapsAt(records, threshold ?? THRESHOLDS.indexOf(0.5))),
    reduce: (scores, multiplicity) => mean(scores, multiplicity)[part],
  });
  return [
    metric('dice', meanDice, 'all'),
    metric('dice/positives', meanDice, 'positives'),
    metric('iou', meanIou, 'all'),
    metric('iou/positives', meanIou, 'positives'),
  ];
}

/** Index into THRESHOLDS; of equals the one nearest to 0.5. Without a defined value 0.5 itself. */
function bestThreshold(records: readonly SegRecord[], value: (scores: MaskScores) => number | undefined): number {
  const middle = THRESHOLDS.indexOf(0.5);
  const order = THRESHOLDS.map((_, t) => t).sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  let best = middle;
  let bestValue = -Infinity;
  for (const t of order) {
    const at = value(scoreMasks(overlapsAt(records, t))) ?? -Infinity;
    if (at > bestValue) [best, bestValue] = [t, at];
  }
  return best;
}

function overlapsAt(records: readonly SegRecord[], threshold: number): MaskOverlap[] {
  return records.map(({ truth, predicted, intersection }) => ({
    truth,
    predicted: predicted[threshold]!,
    intersection: intersection[threshold]!,
  }));
}

function observeItem(item: Item): SegRecord {
  const truth = trueMask(item);
  const counts = { truth: truth.reduce((sum, pixel) => sum + pixel, 0), predicted: zeros(), intersection: zeros() };
  if (item.outputs === undefined) return counts; // held back by the gate: nothing is predicted
  const { mask } = item.sample.labels;
  const { inputSize } = item.geometry;
  const geometry =
    mask === undefined
      ? { inputSize, width: inputSize, height: inputSize }
      : { ...item.geometry, width: mask.width, height: mask.height };
  const map = probabilityMap(item.outputs[0] as Float32Array, geometry);
  // Count pixels by the highest threshold that they reach, then add up from the top: one pass over the image for all thresholds.
  for (let i = 0; i < map.length; i++) {
    const bin = Math.min(THRESHOLDS.length, Math.floor(map[i]! * 20 + 1e-9)) - 1;
    if (bin < 0) continue;
    counts.predicted[bin]!++;
    counts.intersection[bin]! += truth[i]!;
  }
  for (let t = THRESHOLDS.length - 2; t >= 0; t--) {
    counts.predicted[t]! += counts.predicted[t + 1]!;
    counts.intersection[t]! += counts.intersection[t + 1]!;
  }
  return counts;
}

/** The sample's mask as it was drawn, row-major 0/1; the label at input size where the sample itself carries none (masks made by augmentation or tests). */
function trueMask({ sample, label }: Item): Uint8Array {
  const { mask } = sample.labels;
  return mask === undefined ? label : decodeRle(mask.rle, { width: mask.width, height: mask.height, relative: true });
}

function zeros(): number[] {
  return new Array<number>(THRESHOLDS.length).fill(0);
}
