import { assertMultiplicity, type Multiplicity } from './multiplicity.js';
import { COCO_MAX_DETECTIONS, COCO_THRESHOLDS, VOC_HIT, type DetectionRecord } from './prepare-detections.js';

/**
 * The predictions of all images sorted together by descending confidence, made once by {@link poolDetections}; VOC and
 * COCO read it in O(predictions + hits) for each resample of images.
 */
export interface DetectionPool {
  /** [n] true boxes of each image. */
  readonly truths: Uint32Array;
  readonly voc: PredictionStream;
  readonly coco: PredictionStream;
}

/** What one rule looks at. */
export interface PredictionStream {
  /** [D] image of each prediction; equal confidences come in the order of images, then within the image. */
  readonly image: Uint32Array;
  /** [D] where the run of equal confidence in the same image starts, and ends (exclusive). */
  readonly runStart: Uint32Array;
  readonly runEnd: Uint32Array;
  /** Positions of the hits, rising, for each IoU threshold of the rule. */
  readonly hits: readonly Uint32Array[];
}

/** Precision at each hit, by falling confidence; views that the next curve overwrites. */
export interface HitCurve {
  /** [h] hits so far over true boxes, rising. */
  readonly recall: Float64Array;
  /** [h] hits so far over predictions so far. */
  readonly precision: Float64Array;
}

/** Sorts the predictions of all images, O(D log D). */
export function poolDetections(records: readonly DetectionRecord[]): DetectionPool {
  return {
    truths: Uint32Array.from(records, (record) => record.truths),
    voc: streamOf(records, Infinity, [VOC_HIT]),
    coco: streamOf(
      records,
      COCO_MAX_DETECTIONS,
      COCO_THRESHOLDS.map((_, t) => 1 << t),
    ),
  };
}

function streamOf(records: readonly DetectionRecord[], limit: number, bits: readonly number[]): PredictionStream {
  const counts = records.map((record) => Math.min(limit, record.scores.length));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const scores = new Float64Array(total);
  const images = new Uint32Array(total);
  const flags = new Uint16Array(total);
  let at = 0;
  records.forEach((record, image) => {
    const count = counts[image]!;
    scores.set(record.scores.subarray(0, count), at);
    flags.set(record.flags.subarray(0, count), at);
    images.fill(image, at, at + count);
    at += count;
  });
  const order = Uint32Array.from({ length: total }, (_, i) => i);
  order.sort((a, b) => (scores[a]! > scores[b]! ? -1 : scores[a]! < scores[b]! ? 1 : a - b));

  const runStart = new Uint32Array(total);
  const runEnd = new Uint32Array(total);
  for (let i = 0, start = 0; i < total; i++) {
    const here = order[i]!;
    const last = order[start]!;
    if (images[here] !== images[last] || scores[here] !== scores[last]) start = i;
    runStart[i] = start;
  }
  for (let i = total - 1; i >= 0; i--) runEnd[i] = runStart[i + 1] === runStart[i] ? runEnd[i + 1]! : i + 1;
  const positions = Array.from({ length: total }, (_, i) => i);
  return {
    image: order.map((from) => images[from]!),
    runStart,
    runEnd,
    hits: bits.map((bit) => Uint32Array.from(positions.filter((i) => (flags[order[i]!]! & bit) !== 0))),
  };
}

let before = new Float64Array(0); // working space, grown on demand: a bootstrap asks a thousand times
let recall = new Float64Array(0);
let precision = new Float64Array(0);

/**
 * The area under the curve of each IoU threshold of the stream, an image of multiplicity w counting as w images one
 * after the other.
 *
 * @returns one number per threshold; undefined without a true box
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function areasUnderCurves(
  stream: PredictionStream,
  truths: Uint32Array,
  multiplicity: Multiplicity | undefined,
  area: (curve: HitCurve) => number,
): (number | undefined)[] {
  assertMultiplicity(multiplicity, truths.length);
  let positives = 0;
  for (let i = 0; i < truths.length; i++) {
    positives += truths[i]! * (multiplicity === undefined ? 1 : multiplicity[i]!);
  }
  if (positives === 0) return stream.hits.map(() => undefined);

  const { image } = stream;
  if (before.length < image.length) before = new Float64Array(image.length);
  let seen = 0;
  for (let i = 0; i < image.length; i++) {
    before[i] = seen;
    seen += multiplicity === undefined ? 1 : multiplicity[image[i]!]!;
  }
  if (recall.length < positives) {
    // A true box is hit once at most, so a curve has at most `positives` points.
    recall = new Float64Array(2 * positives);
    precision = new Float64Array(2 * positives);
  }
  return stream.hits.map((hits) => {
    const points = fillCurve(stream, hits, multiplicity, positives);
    return area({ recall: recall.subarray(0, points), precision: precision.subarray(0, points) });
  });
}

/** Writes `recall` and `precision` from `before` and returns the number of points. */
function fillCurve(
  { image, runStart, runEnd }: PredictionStream,
  hits: Uint32Array,
  multiplicity: Multiplicity | undefined,
  positives: number,
): number {
  let found = 0;
  let points = 0;
  for (let h = 0; h < hits.length;) {
    const start = runStart[hits[h]!]!;
    const end = runEnd[hits[h]!]!;
    let next = h + 1;
    while (next < hits.length && hits[next]! < end) next++;
    const copies = multiplicity === undefined ? 1 : multiplicity[image[start]!]!;
    if (end - start === 1 && copies > 0) {
      // Of the copies of one prediction the last has the highest precision: the others cannot matter.
      found += copies;
      recall[points] = found / positives;
      precision[points++] = found / (before[start]! + copies);
    } else {
      // Copies of a run of ties repeat it as a whole.
      for (let round = 0; round < copies; round++) {
        for (let i = h; i < next; i++) {
          found++;
          recall[points] = found / positives;
          precision[points++] = found / (before[start]! + round * (end - start) + (hits[i]! - start) + 1);
        }
      }
    }
    h = next;
  }
  return points;
}
