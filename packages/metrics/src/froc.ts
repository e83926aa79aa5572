import { boxIous } from './box-overlap.js';
import { MetricsError } from './errors.js';
import { assertMultiplicity, type Multiplicity } from './multiplicity.js';
import { sortByScore, type DetectionImage } from './prepare-detections.js';

/** Least IoU of a hit, or `centre`: the centre of the prediction lies in the true box (CAMELYON, JSRT). */
export type FrocHit = number | 'centre';

/** What is left of an image for FROC, made once by {@link prepareFroc}. */
export interface FrocRecord {
  /** Number of true boxes. */
  readonly truths: number;
  /** Highest confidence of a prediction on each true box that has one. */
  readonly found: Float64Array;
  /** Confidence of each prediction on no true box. */
  readonly alarms: Float64Array;
}

/** The events of all images by falling confidence, made once by {@link poolFroc}. */
export interface FrocPool {
  /** [n] true boxes of each image. */
  readonly truths: Uint32Array;
  /** [e] image of each event. */
  readonly image: Uint32Array;
  /** [e] 1 = a true box is found, 0 = a false alarm. */
  readonly hit: Uint8Array;
  /** [g] where each run of equal confidence ends (exclusive). */
  readonly groupEnds: Uint32Array;
}

/** Points by falling confidence, the first at no prediction. */
export interface FrocCurve {
  /** False alarms per image, not falling. */
  readonly alarms: readonly number[];
  /** Share of true boxes found, not falling, in [0, 1]. */
  readonly sensitivity: readonly number[];
}

/** False alarms per image at which sensitivity is read: CAMELYON 2016. */
export const FROC_RATES: readonly number[] = [0.25, 0.5, 1, 2, 4, 8];

/**
 * Assigns the predictions of one image: each to the true box of highest IoU among those it hits. The first on a box, by
 * confidence, finds it; further ones on it count neither way; one on no box is a false alarm.
 *
 * @throws {MetricsError} METRICS_BOX_INVALID, METRICS_LENGTH_MISMATCH, METRICS_SCORE_INVALID (NaN), METRICS_OPTION_INVALID
 */
export function prepareFroc(image: DetectionImage, hit: FrocHit = 0.5): FrocRecord {
  if (hit !== 'centre' && !(hit > 0 && hit <= 1)) {
    throw new MetricsError('METRICS_OPTION_INVALID', `hit is ${hit}: an IoU above 0 and up to 1, or "centre", wanted`);
  }
  const { truth } = image;
  const { boxes, scores } = sortByScore(image);
  const truths = truth.length / 4;
  const ious = boxIous(boxes, truth); // [count, truths]
  const found = new Map<number, number>();
  const alarms: number[] = [];
  for (let p = 0; p < scores.length; p++) {
    let best = -1;
    let match = -1;
    for (let t = 0; t < truths; t++) {
      const iou = ious[p * truths + t]!;
      if (!(hit === 'centre' ? centreInside(boxes, p, truth, t) : iou >= hit) || iou <= best) continue;
      best = iou;
      match = t;
    }
    if (match < 0) alarms.push(scores[p]!);
    else if (!found.has(match)) found.set(match, scores[p]!);
  }
  return { truths, found: Float64Array.from(found.values()), alarms: Float64Array.from(alarms) };
}

/** Sorts the events of all images, O(E log E). */
export function poolFroc(records: readonly FrocRecord[]): FrocPool {
  const events = records.flatMap(({ found, alarms }, image) => [
    ...Array.from(found, (score) => ({ image, score, hit: 1 })),
    ...Array.from(alarms, (score) => ({ image, score, hit: 0 })),
  ]);
  events.sort((a, b) => (a.score > b.score ? -1 : a.score < b.score ? 1 : 0));
  const ends = events.flatMap(({ score }, i) => (events[i + 1]?.score === score ? [] : [i + 1]));
  return {
    truths: Uint32Array.from(records, ({ truths }) => truths),
    image: Uint32Array.from(events, ({ image }) => image),
    hit: Uint8Array.from(events, ({ hit }) => hit),
    groupEnds: Uint32Array.from(ends),
  };
}

/**
 * The free-response ROC curve: a point for no prediction and one for each distinct confidence.
 *
 * @returns undefined without a true box
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function frocCurve(pool: FrocPool, multiplicity?: Multiplicity): FrocCurve | undefined {
  const { truths, image, hit, groupEnds } = pool;
  assertMultiplicity(multiplicity, truths.length);
  let images = 0;
  let targets = 0;
  for (let i = 0; i < truths.length; i++) {
    const copies = multiplicity === undefined ? 1 : multiplicity[i]!;
    images += copies;
    targets += copies * truths[i]!;
  }
  if (targets === 0) return undefined;
  const alarms = [0];
  const sensitivity = [0];
  let wrong = 0;
  let right = 0;
  let i = 0;
  for (const end of groupEnds) {
    for (; i < end; i++) {
      const copies = multiplicity === undefined ? 1 : multiplicity[image[i]!]!;
      if (hit[i] === 1) right += copies;
      else wrong += copies;
    }
    alarms.push(wrong / images);
    sensitivity.push(right / targets);
  }
  return { alarms, sensitivity };
}

/** Sensitivity at a number of false alarms per image, linear between points, the last one's beyond it. */
export function sensitivityAt({ alarms, sensitivity }: FrocCurve, rate: number): number {
  let next = 0;
  while (next < alarms.length && alarms[next]! <= rate) next++;
  const below = sensitivity[next - 1] ?? 0;
  if (next === alarms.length) return below;
  const share = (rate - alarms[next - 1]!) / (alarms[next]! - alarms[next - 1]!);
  return below + share * (sensitivity[next]! - below);
}

/**
 * FROC score: the mean sensitivity at {@link FROC_RATES} false alarms per image.
 *
 * @returns a number in [0, 1]; undefined without a true box
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function frocScore(
  pool: FrocPool,
  multiplicity?: Multiplicity,
  rates: readonly number[] = FROC_RATES,
): number | undefined {
  const curve = frocCurve(pool, multiplicity);
  if (curve === undefined) return undefined;
  return rates.reduce((sum, rate) => sum + sensitivityAt(curve, rate), 0) / rates.length;
}

function centreInside(boxes: Float64Array, p: number, truth: ArrayLike<number>, t: number): boolean {
  const x = boxes[4 * p]! + boxes[4 * p + 2]! / 2 - truth[4 * t]!;
  const y = boxes[4 * p + 1]! + boxes[4 * p + 3]! / 2 - truth[4 * t + 1]!;
  return x >= 0 && x < truth[4 * t + 2]! && y >= 0 && y < truth[4 * t + 3]!;
}
