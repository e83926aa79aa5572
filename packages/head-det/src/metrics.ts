import type { HeadMetric, InputBox, MetricItem, OutputValue } from '@multichexnet/core';
import {
  cocoAveragePrecision,
  poolDetections,
  prepareDetections,
  rsnaMap,
  rsnaThreshold,
  scoreRsnaImages,
  vocAveragePrecision,
  type DetectionPool,
  type DetectionRecord,
  type Multiplicity,
  type RsnaScores,
} from '@multichexnet/metrics';
import type { DetPrediction } from './decode.js';

type Outputs = readonly [OutputValue];
type Item = MetricItem<readonly InputBox[], Outputs, DetPrediction>;

/** One image as plain data; boxes x, y, width, height after one another, in pixels of the original image. */
export interface DetRecord {
  readonly truth: readonly number[];
  readonly predicted: readonly number[];
  readonly scores: readonly number[];
}

type DetMetric<T, Q> = HeadMetric<readonly InputBox[], Outputs, DetPrediction, DetRecord, T, Q>;

/**
 * `mAP` by the RSNA rule (IoU .40:.05:.75; every box submitted counts, so its lowest score is chosen on validation records), `mAP/voc` at IoU .5 and
 * `mAP/coco` at .50:.05:.95, which rank boxes and need no threshold, and `mAP/coco50`. An image held back by a gate has no predicted box.
 */
export function detMetrics(): DetMetric<unknown, never>[] {
  const ranked = (
    name: string,
    value: (pool: DetectionPool, multiplicity: Multiplicity) => number | undefined,
  ): DetMetric<undefined, DetectionPool> => ({
    name,
    better: 'higher',
    observe,
    prepare: (records) => poolDetections(match(records)),
    reduce: value,
  });
  const rsna: DetMetric<number, RsnaScores> = {
    name: 'mAP',
    better: 'higher',
    observe,
    fit: (records) => rsnaThreshold(match(records))?.threshold ?? 0,
    prepare: (records, threshold) => scoreRsnaImages(match(records), threshold ?? 0),
    reduce: rsnaMap,
  };
  const metrics = [
    rsna,
    ranked('mAP/voc', vocAveragePrecision),
    ranked('mAP/coco', (pool, multiplicity) => cocoAveragePrecision(pool, multiplicity).map),
    ranked('mAP/coco50', (pool, multiplicity) => cocoAveragePrecision(pool, multiplicity).ap50),
  ];
  return metrics as unknown as DetMetric<unknown, never>[];
}

function observe({ label, prediction, geometry }: Item): DetRecord {
  const scaleX = geometry.width / geometry.inputSize;
  const scaleY = geometry.height / geometry.inputSize;
  return {
    truth: label
      .filter(({ width, height }) => width > 0 && height > 0)
      .flatMap(({ x, y, width, height }) => [x * scaleX, y * scaleY, width * scaleX, height * scaleY]),
    predicted: prediction.boxes.flatMap(({ x, y, width, height }) => [x, y, width, height]),
    scores: prediction.boxes.map(({ score }) => score),
  };
}

function match(records: readonly DetRecord[]): DetectionRecord[] {
  return records.map(prepareDetections);
}
