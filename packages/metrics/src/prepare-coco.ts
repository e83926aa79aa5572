import { boxIous } from './box-overlap.js';
import { assertLength, MetricsError } from './errors.js';
import { sortByScore, type DetectionImage } from './prepare-detections.js';

/** One image of one class, as COCO annotates it. */
export interface CocoImage extends DetectionImage {
  /** [m] 1 = a crowd region: its predictions count neither way, however many. Without it none is. */
  readonly crowd?: ArrayLike<number>;
  /** [m] area of each object in square pixels (COCO: of its mask); without it width times height. */
  readonly truthAreas?: ArrayLike<number>;
}

/** One image matched within one range of areas. */
export interface CocoAreaRecord {
  /** True boxes that count here. */
  readonly truths: number;
  /** [k] bit t: a hit at COCO_THRESHOLDS[t]. */
  readonly hits: Uint16Array;
  /** [k] bit t: counts neither way. */
  readonly ignored: Uint16Array;
}

/** What is left of an image once its boxes are matched by COCO's rule. */
export interface CocoRecord {
  /** [k] confidences of the first 100 predictions, highest first; equal ones keep their order. */
  readonly scores: Float64Array;
  /** One per entry of {@link COCO_AREAS}. */
  readonly areas: readonly CocoAreaRecord[];
}

/** 0.5, 0.55, ... 0.95, with the rounding of pycocotools (a linspace), since a tie at a threshold decides a match. */
export const COCO_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, t) =>
  t === 9 ? 0.95 : 0.5 + t * ((0.95 - 0.5) / 9),
);
/** Square pixels, both ends included: all, small, medium, large. */
export const COCO_AREAS: readonly (readonly [least: number, most: number])[] = [
  [0, 1e10],
  [0, 32 ** 2],
  [32 ** 2, 96 ** 2],
  [96 ** 2, 1e10],
];
/** Predictions of an image that COCO's rule looks at. */
const MAX_DETECTIONS = 100;
const ALL_THRESHOLDS = (1 << COCO_THRESHOLDS.length) - 1;

/**
 * Matches the first 100 predictions of one image by COCO's rule, by descending confidence: at threshold t a prediction
 * takes the free true box of highest IoU >= t, the later of equals; one that counts in the range of areas before one that
 * does not. A prediction on a box that does not count (crowd, or outside the range), and one outside the range on no box,
 * is ignored. The IoU with a crowd region is the share of the prediction inside it.
 *
 * @throws {MetricsError} METRICS_BOX_INVALID, METRICS_LENGTH_MISMATCH, METRICS_SCORE_INVALID (NaN)
 */
export function prepareCoco(image: CocoImage): CocoRecord {
  const { truth } = image;
  const truths = truth.length / 4;
  const sorted = sortByScore(image);
  const scores = sorted.scores.subarray(0, MAX_DETECTIONS);
  const boxes = sorted.boxes.subarray(0, 4 * scores.length);
  const crowd =
    image.crowd === undefined ? new Uint8Array(truths) : Uint8Array.from(image.crowd, (one) => (one === 0 ? 0 : 1));
  assertLength('crowd', crowd.length, truths);
  const areas = truthAreas(image, truths);
  const ious = boxIous(boxes, truth, crowd); // [count, truths]
  return {
    scores,
    areas: COCO_AREAS.map((range) => matchRange(ious, boxes, areas, crowd, range)),
  };
}

function truthAreas({ truth, truthAreas: given }: CocoImage, truths: number): Float64Array {
  if (given === undefined)
    return Float64Array.from({ length: truths }, (_, t) => truth[4 * t + 2]! * truth[4 * t + 3]!);
  assertLength('truthAreas', given.length, truths);
  const areas = Float64Array.from(given);
  const bad = areas.findIndex((area) => !(area >= 0));
  if (bad >= 0) {
    throw new MetricsError('METRICS_BOX_INVALID', `truthAreas[${bad}] is ${areas[bad]}: square pixels wanted`);
  }
  return areas;
}

function matchRange(
  ious: Float64Array,
  boxes: Float64Array,
  areas: Float64Array,
  crowd: Uint8Array,
  [least, most]: readonly [number, number],
): CocoAreaRecord {
  const truths = areas.length;
  const count = boxes.length / 4;
  const hits = new Uint16Array(count);
  const ignored = new Uint16Array(count);
  const outside = Uint8Array.from(areas, (area, t) => (crowd[t] === 1 || area < least || area > most ? 1 : 0));
  const counting: number[] = [];
  const others: number[] = [];
  for (let t = 0; t < truths; t++) (outside[t] === 1 ? others : counting).push(t);
  const order = [...counting, ...others];

  const taken = new Uint8Array(truths);
  for (let t = 0; t < COCO_THRESHOLDS.length && truths > 0; t++) {
    taken.fill(0);
    for (let p = 0; p < count; p++) {
      let best = COCO_THRESHOLDS[t]!;
      let match = -1;
      for (const candidate of order) {
        if (taken[candidate] === 1 && crowd[candidate] === 0) continue;
        if (match >= 0 && outside[match] === 0 && outside[candidate] === 1) break;
        const iou = ious[p * truths + candidate]!;
        if (iou < best) continue;
        best = iou;
        match = candidate;
      }
      if (match < 0) continue;
      taken[match] = 1;
      if (outside[match] === 1) ignored[p]! |= 1 << t;
      else hits[p]! |= 1 << t;
    }
  }
  for (let p = 0; p < count; p++) {
    const area = boxes[4 * p + 2]! * boxes[4 * p + 3]!;
    if (area < least || area > most) ignored[p]! |= ALL_THRESHOLDS & ~hits[p]!;
  }
  return { truths: counting.length, hits, ignored };
}
