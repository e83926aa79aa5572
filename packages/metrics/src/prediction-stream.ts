import { assertMultiplicity, type Multiplicity } from './multiplicity.js';

/** The predictions of one image, highest confidence first, with what became of each: bit t for IoU threshold t. */
export interface MatchedPredictions {
  /** [k] */
  readonly scores: Float64Array;
  /** [k] found a true box. */
  readonly hits: Uint16Array;
  /** [k] neither right nor wrong: outside the area range, or on a box that does not count. Without it none is. */
  readonly ignored?: Uint16Array;
}

/** The predictions of all images together by falling confidence, for one rule. */
export interface PredictionStream {
  /** [D] image of each prediction; equal confidences come in the order of images, then within the image. */
  readonly image: Uint32Array;
  /** [D] where the run of equal confidence in the same image starts, and ends (exclusive). */
  readonly runStart: Uint32Array;
  readonly runEnd: Uint32Array;
  /** Positions of the hits, rising, for each IoU threshold of the rule. */
  readonly hits: readonly Uint32Array[];
  /** Positions of the predictions that are left out, rising, for each threshold. */
  readonly ignored: readonly Uint32Array[];
}

/** Precision at each hit, by falling confidence; views that the next curve overwrites. */
export interface HitCurve {
  /** [h] hits so far over true boxes, rising. */
  readonly recall: Float64Array;
  /** [h] hits so far over predictions so far. */
  readonly precision: Float64Array;
}

/** Sorts the predictions of all images, O(D log D). */
export function streamOf(images: readonly MatchedPredictions[], thresholds: number): PredictionStream {
  const total = images.reduce((sum, { scores }) => sum + scores.length, 0);
  const scores = new Float64Array(total);
  const imageOf = new Uint32Array(total);
  const hitBits = new Uint16Array(total);
  const ignoredBits = new Uint16Array(total);
  let at = 0;
  images.forEach((image, i) => {
    const end = at + image.scores.length;
    scores.set(image.scores, at);
    hitBits.set(image.hits, at);
    if (image.ignored !== undefined) ignoredBits.set(image.ignored, at);
    imageOf.fill(i, at, end);
    at = end;
  });
  const order = Uint32Array.from({ length: total }, (_, i) => i);
  order.sort((a, b) => (scores[a]! > scores[b]! ? -1 : scores[a]! < scores[b]! ? 1 : a - b));

  const runStart = new Uint32Array(total);
  const runEnd = new Uint32Array(total);
  for (let i = 0, start = 0; i < total; i++) {
    const here = order[i]!;
    const last = order[start]!;
    if (imageOf[here] !== imageOf[last] || scores[here] !== scores[last]) start = i;
    runStart[i] = start;
  }
  for (let i = total - 1; i >= 0; i--) runEnd[i] = runStart[i + 1] === runStart[i] ? runEnd[i + 1]! : i + 1;
  return {
    image: order.map((from) => imageOf[from]!),
    runStart,
    runEnd,
    hits: positionsOf(hitBits, order, thresholds),
    ignored: positionsOf(ignoredBits, order, thresholds),
  };
}

/** For each bit the positions in `order` that have it. */
function positionsOf(bits: Uint16Array, order: Uint32Array, thresholds: number): Uint32Array[] {
  const found: number[][] = Array.from({ length: thresholds }, () => []);
  for (let i = 0; i < order.length; i++) {
    const here = bits[order[i]!]!;
    for (let t = 0; here >> t > 0; t++) if (((here >> t) & 1) === 1) found[t]!.push(i);
  }
  return found.map((positions) => Uint32Array.from(positions));
}

let before = new Float64Array(0); // working space, grown on demand: a bootstrap asks a thousand times
let recall = new Float64Array(0);
let precision = new Float64Array(0);

/**
 * The area under the curve of each IoU threshold of the stream, an image of multiplicity w counting as w images one
 * after the other.
 *
 * @param truths [n] true boxes of each image
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
  return stream.hits.map((_, t) => {
    const points = fillCurve(stream, t, multiplicity, positives);
    return area({ recall: recall.subarray(0, points), precision: precision.subarray(0, points) });
  });
}

/** Writes `recall` and `precision` from `before` and returns the number of points. */
function fillCurve(
  stream: PredictionStream,
  threshold: number,
  multiplicity: Multiplicity | undefined,
  positives: number,
): number {
  const { image, runStart, runEnd } = stream;
  const hits = stream.hits[threshold]!;
  const ignored = stream.ignored[threshold]!;
  let found = 0;
  let points = 0;
  let g = 0; // first ignored prediction of this run or later
  let skipped = 0; // copies of ignored predictions before this run
  for (let h = 0; h < hits.length;) {
    const start = runStart[hits[h]!]!;
    const end = runEnd[hits[h]!]!;
    for (; g < ignored.length && ignored[g]! < start; g++) {
      skipped += multiplicity === undefined ? 1 : multiplicity[image[ignored[g]!]!]!;
    }
    let next = h + 1;
    while (next < hits.length && hits[next]! < end) next++;
    const copies = multiplicity === undefined ? 1 : multiplicity[image[start]!]!;
    if (end - start === 1 && copies > 0) {
      // Of the copies of one prediction the last has the highest precision: the others cannot matter.
      found += copies;
      recall[points] = found / positives;
      precision[points++] = found / (before[start]! - skipped + copies);
    } else {
      // Copies of a run of ties repeat it as a whole.
      let behind = g;
      while (behind < ignored.length && ignored[behind]! < end) behind++;
      const size = end - start - (behind - g);
      for (let round = 0; round < copies; round++) {
        let passed = g;
        for (let i = h; i < next; i++) {
          while (passed < behind && ignored[passed]! < hits[i]!) passed++;
          found++;
          recall[points] = found / positives;
          precision[points++] =
            found / (before[start]! - skipped + round * size + (hits[i]! - start) - (passed - g) + 1);
        }
      }
    }
    h = next;
  }
  return points;
}
