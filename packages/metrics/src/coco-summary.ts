import { macroMean } from './macro-mean.js';
import { assertMultiplicity, type Multiplicity } from './multiplicity.js';
import { areasUnderCurves, streamOf, type HitCurve, type PredictionStream } from './prediction-stream.js';
import { COCO_AREAS, COCO_THRESHOLDS, type CocoRecord } from './prepare-coco.js';

/** The predictions of all images within one range of areas. */
interface CocoAreaPool {
  /** [n] true boxes of each image that count. */
  readonly truths: Uint32Array;
  readonly stream: PredictionStream;
  /** [n] hits among the image's first 1, 10 and 100 predictions, added up over thresholds. */
  readonly found: readonly [Uint32Array, Uint32Array, Uint32Array];
}

/** One class of all images, made once by {@link poolCoco}; one entry per range of areas: all, small, medium, large. */
export type CocoPool = readonly CocoAreaPool[];

/** COCO's average precision of one class; each in [0, 1], undefined without a true box. */
export interface CocoPrecision {
  /** Mean over IoU .50, .55, ... .95: COCO's "AP". */
  readonly map: number | undefined;
  readonly ap50: number | undefined;
  readonly ap75: number | undefined;
}

/** The twelve numbers of COCO, each a mean over the classes that have it; undefined (pycocotools: -1) where none has. */
export interface CocoSummary extends CocoPrecision {
  readonly apSmall: number | undefined;
  readonly apMedium: number | undefined;
  readonly apLarge: number | undefined;
  /** Average recall of at most 1, 10 and 100 predictions an image. */
  readonly ar1: number | undefined;
  readonly ar10: number | undefined;
  readonly ar100: number | undefined;
  readonly arSmall: number | undefined;
  readonly arMedium: number | undefined;
  readonly arLarge: number | undefined;
}

const RECALL_LIMITS = [1, 10, 100] as const;

/** Sorts the predictions of one class over all images, O(D log D). */
export function poolCoco(records: readonly CocoRecord[]): CocoPool {
  return COCO_AREAS.map((_, a): CocoAreaPool => {
    const found = [1, 2, 3].map(() => new Uint32Array(records.length)) as [Uint32Array, Uint32Array, Uint32Array];
    records.forEach(({ areas }, image) => {
      const { hits } = areas[a]!;
      let sum = 0;
      for (let p = 0; p < hits.length; p++) {
        for (let bits = hits[p]!; bits !== 0; bits &= bits - 1) sum++;
        if (p < RECALL_LIMITS[0]) found[0][image] = sum;
        if (p < RECALL_LIMITS[1]) found[1][image] = sum;
      }
      found[2][image] = sum;
    });
    return {
      truths: Uint32Array.from(records, ({ areas }) => areas[a]!.truths),
      stream: streamOf(
        records.map(({ scores, areas }) => ({ scores, hits: areas[a]!.hits, ignored: areas[a]!.ignored })),
        COCO_THRESHOLDS.length,
      ),
      found,
    };
  });
}

/**
 * COCO average precision of one class over all areas: 101 recall points, at most 100 predictions an image.
 *
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function cocoAveragePrecision(pool: CocoPool, multiplicity?: Multiplicity): CocoPrecision {
  const perThreshold = averagePrecisions(pool, 0, multiplicity);
  return { map: macroMean(perThreshold).value, ap50: perThreshold[0], ap75: perThreshold[5] };
}

/**
 * The whole summary of pycocotools over several classes: AP, AP50, AP75, AP and AR by area, AR by number of predictions.
 *
 * @param classes one pool per class, of the same images
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID
 */
export function cocoSummary(classes: readonly CocoPool[], multiplicity?: Multiplicity): CocoSummary {
  const precision = COCO_AREAS.map((_, a) => classes.map((pool) => averagePrecisions(pool, a, multiplicity)));
  const ap = (area: number): number | undefined =>
    macroMean(precision[area]!.map((perThreshold) => macroMean(perThreshold).value)).value;
  const at = (threshold: number): number | undefined =>
    macroMean(precision[0]!.map((perThreshold) => perThreshold[threshold])).value;
  const ar = (area: number, limit: 0 | 1 | 2): number | undefined =>
    macroMean(classes.map((pool) => averageRecall(pool[area]!, limit, multiplicity))).value;
  return {
    map: ap(0),
    ap50: at(0),
    ap75: at(5),
    apSmall: ap(1),
    apMedium: ap(2),
    apLarge: ap(3),
    ar1: ar(0, 0),
    ar10: ar(0, 1),
    ar100: ar(0, 2),
    arSmall: ar(1, 2),
    arMedium: ar(2, 2),
    arLarge: ar(3, 2),
  };
}

function averagePrecisions(pool: CocoPool, area: number, multiplicity?: Multiplicity): (number | undefined)[] {
  const { stream, truths } = pool[area]!;
  return areasUnderCurves(stream, truths, multiplicity, areaOf101Points);
}

/** Mean over thresholds of the share of true boxes found. */
function averageRecall(
  { truths, found }: CocoAreaPool,
  limit: 0 | 1 | 2,
  multiplicity?: Multiplicity,
): number | undefined {
  assertMultiplicity(multiplicity, truths.length);
  let positives = 0;
  let hits = 0;
  for (let image = 0; image < truths.length; image++) {
    const copies = multiplicity === undefined ? 1 : multiplicity[image]!;
    positives += copies * truths[image]!;
    hits += copies * found[limit][image]!;
  }
  return positives === 0 ? undefined : hits / (positives * COCO_THRESHOLDS.length);
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
