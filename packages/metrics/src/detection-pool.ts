import { assertMultiplicity, type Multiplicity } from './multiplicity.js';
import type { DetectionRecord } from './prepare-detections.js';

/**
 * The predictions of all images sorted together by descending confidence, made once by {@link poolDetections}; VOC and
 * COCO read it in O(predictions) for each resample of images.
 */
export interface DetectionPool {
  /** [n] true boxes of each image. */
  readonly truths: Uint32Array;
  /** [D] image of each prediction; equal confidences come in the order of images, then within the image. */
  readonly image: Uint32Array;
  /** [D] match flags, see `DetectionRecord`. */
  readonly flags: Uint16Array;
  /** [D] end (exclusive) of the run of equal confidence in the same image. */
  readonly runEnd: Uint32Array;
  /** [2 * D] working space of the reductions. */
  readonly scratch: Float64Array;
}

/** Sorts the predictions of all images, O(D log D). */
export function poolDetections(records: readonly DetectionRecord[]): DetectionPool {
  const total = records.reduce((sum, record) => sum + record.scores.length, 0);
  const scores = new Float64Array(total);
  const images = new Uint32Array(total);
  const allFlags = new Uint16Array(total);
  let at = 0;
  records.forEach((record, image) => {
    scores.set(record.scores, at);
    allFlags.set(record.flags, at);
    images.fill(image, at, at + record.scores.length);
    at += record.scores.length;
  });
  const order = Uint32Array.from({ length: total }, (_, i) => i);
  order.sort((a, b) => (scores[a]! > scores[b]! ? -1 : scores[a]! < scores[b]! ? 1 : a - b));

  const runEnd = new Uint32Array(total);
  for (let i = total - 1; i >= 0; i--) {
    const here = order[i]!;
    const next = order[i + 1];
    const same = next !== undefined && images[next] === images[here] && scores[next] === scores[here];
    runEnd[i] = same ? runEnd[i + 1]! : i + 1;
  }
  return {
    truths: Uint32Array.from(records, (record) => record.truths),
    image: order.map((from) => images[from]!),
    flags: Uint16Array.from(order, (from) => allFlags[from]!),
    runEnd,
    scratch: new Float64Array(2 * total),
  };
}

/** Precision at each prediction that is a hit, by falling confidence. Views into the pool's scratch. */
export interface HitCurve {
  /** [h] hits so far over true boxes, rising. */
  readonly recall: Float64Array;
  /** [h] hits so far over predictions so far. */
  readonly precision: Float64Array;
}

/**
 * Walks the pool once, an image of multiplicity w counting as w images one after the other.
 *
 * @param hit the flag bit that makes a prediction a hit
 * @param skip flag bits of predictions that the rule does not look at
 * @returns undefined without a true box
 */
export function hitCurve(
  pool: DetectionPool,
  hit: number,
  skip: number,
  multiplicity: Multiplicity | undefined,
): HitCurve | undefined {
  assertMultiplicity(multiplicity, pool.truths.length);
  const { truths, image, flags, runEnd, scratch } = pool;
  const total = flags.length;
  let positives = 0;
  for (let i = 0; i < truths.length; i++) {
    positives += truths[i]! * (multiplicity === undefined ? 1 : multiplicity[i]!);
  }
  if (positives === 0) return undefined;

  let points = 0;
  let hits = 0;
  let seen = 0;
  for (let start = 0; start < total; start = runEnd[start]!) {
    const copies = multiplicity === undefined ? 1 : multiplicity[image[start]!]!;
    const end = runEnd[start]!;
    // Copies of a run of ties repeat it as a whole; of a single prediction, only the last copy can matter.
    const rounds = end - start === 1 ? Math.min(copies, 1) : copies;
    const step = end - start === 1 ? copies : 1;
    for (let round = 0; round < rounds; round++) {
      for (let i = start; i < end; i++) {
        const flag = flags[i]!;
        if ((flag & skip) !== 0) continue;
        seen += step;
        if ((flag & hit) === 0) continue;
        hits += step;
        scratch[points] = hits / positives;
        scratch[total + points] = hits / seen;
        points++;
      }
    }
  }
  return { recall: scratch.subarray(0, points), precision: scratch.subarray(total, total + points) };
}
