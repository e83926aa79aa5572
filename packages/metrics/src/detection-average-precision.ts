import { areasUnderCurves, type DetectionPool, type HitCurve } from './detection-pool.js';
import { macroMean } from './macro-mean.js';
import type { Multiplicity } from './multiplicity.js';

/**
 * PASCAL VOC average precision at IoU 0.5, all points (2010 and later): the area under the precision-recall curve
 * whose precision is made falling, `sum of (r_i - r_(i-1)) max_(j >= i) p_j`. Areas are continuous, without the
 * devkit's +1 pixel.
 *
 * @returns a number in [0, 1]; undefined without a true box
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function vocAveragePrecision(pool: DetectionPool, multiplicity?: Multiplicity): number | undefined {
  return areasUnderCurves(pool.voc, pool.truths, multiplicity, areaOfAllPoints)[0];
}

/** COCO's numbers for one class; each in [0, 1], undefined without a true box. */
export interface CocoPrecision {
  /** Mean over IoU .50, .55, ... .95: COCO's "AP". */
  readonly map: number | undefined;
  readonly ap50: number | undefined;
  readonly ap75: number | undefined;
}

/**
 * COCO average precision (101 recall points, at most 100 predictions an image, all areas, no crowd boxes), equal to
 * pycocotools. For several classes prepare and pool each class, and take the mean.
 *
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function cocoAveragePrecision(pool: DetectionPool, multiplicity?: Multiplicity): CocoPrecision {
  const perThreshold = areasUnderCurves(pool.coco, pool.truths, multiplicity, areaOf101Points);
  return { map: macroMean(perThreshold).value, ap50: perThreshold[0], ap75: perThreshold[5] };
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

/** Mean over r = 0, 0.01, ... 1 of the highest precision at a recall >= r, 0 where that recall is never reached. */
function areaOf101Points({ recall, precision }: HitCurve): number {
  let sum = 0;
  let envelope = 0;
  let i = recall.length - 1;
  for (let percent = 100; percent >= 0; percent--) {
    const wanted = percent === 100 ? 1 : percent * 0.01; // rounded as numpy's linspace does
    for (; i >= 0 && recall[i]! >= wanted; i--) envelope = Math.max(envelope, precision[i]!);
    sum += envelope;
  }
  return sum / 101;
}
