import type { DetectionPool } from './detection-pool.js';
import type { Multiplicity } from './multiplicity.js';
import { areasUnderCurves, type HitCurve } from './prediction-stream.js';

/**
 * PASCAL VOC average precision at IoU 0.5, with the precision made falling. `all` points (2010 and later): the area under
 * the curve, `sum of (r_i - r_(i-1)) max_(j >= i) p_j`. `11` points (2007): the mean over r = 0, 0.1, ... 1 of the highest
 * precision at a recall >= r. Box areas are continuous, without the devkit's +1 pixel; no box is "difficult".
 *
 * @returns a number in [0, 1]; undefined without a true box
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function vocAveragePrecision(
  pool: DetectionPool,
  multiplicity?: Multiplicity,
  points: 'all' | 11 = 'all',
): number | undefined {
  const area = points === 11 ? areaOf11Points : areaOfAllPoints;
  return areasUnderCurves(pool.stream, pool.truths, multiplicity, area)[0];
}

function areaOfAllPoints({ recall, precision }: HitCurve): number {
  let area = 0;
  let envelope = 0;
  for (let i = recall.length - 1; i >= 0; i--) {
    envelope = Math.max(envelope, precision[i]!);
    area += (recall[i]! - (i === 0 ? 0 : recall[i - 1]!)) * envelope;
  }
  return area;
}

function areaOf11Points({ recall, precision }: HitCurve): number {
  let sum = 0;
  let envelope = 0;
  let i = recall.length - 1;
  for (let tenth = 10; tenth >= 0; tenth--) {
    for (; i >= 0 && recall[i]! >= tenth / 10; i--) envelope = Math.max(envelope, precision[i]!);
    sum += envelope;
  }
  return sum / 11;
}
