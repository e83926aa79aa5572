import { toOriginal, type HeadMetric, type InputBox, type MetricItem, type OutputValue } from '@multichexnet/core';
import {
  cocoAveragePrecision,
  frocScore,
  poolCoco,
  poolDetections,
  poolFroc,
  prepareCoco,
  prepareDetections,
  prepareFroc,
  rsnaMap,
  rsnaThreshold,
  scoreRsnaImages,
  vocAveragePrecision,
  type CocoPool,
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
 * `mAP/coco` at .50:.05:.95, which rank boxes and need no threshold, and `mAP/coco50`; `froc`, the mean sensitivity at 1/4, 1/2, 1, 2, 4 and 8 false alarms an
 * image (a hit has IoU .5). An image held back by a gate has no predicted box.
 */
export function detMetrics(): DetMetric<unknown, never>[] {
  const shared = { record: 'boxes', better: 'higher', observe } as const;
  const ranked = <Q>(
    name: string,
    prepare: (records: readonly DetRecord[]) => Q,
    reduce: (prepared: Q, multiplicity: Multiplicity) => number | undefined,
  ): DetMetric<undefined, Q> => ({ ...shared, name, prepare, reduce });
  const coco = (records: readonly DetRecord[]): CocoPool => poolCoco(records.map(prepareCoco));
  const rsna: DetMetric<number, RsnaScores> = {
    ...shared,
    name: 'mAP',
    fit: (records) => rsnaThreshold(match(records))?.threshold ?? 0,
    untuned: (validation, test) => (test.length > 0 && rsnaThreshold(match(validation)) === undefined ? ['boxes'] : []),
    prepare: (records, threshold) => scoreRsnaImages(match(records), threshold ?? 0),
    reduce: rsnaMap,
  };
  const metrics = [
    rsna,
    ranked(
      'mAP/voc',
      (records) => poolDetections(match(records)),
      (pool, m) => vocAveragePrecision(pool, m),
    ),
    ranked('mAP/coco', coco, (pool, m) => cocoAveragePrecision(pool, m).map),
    ranked('mAP/coco50', coco, (pool, m) => cocoAveragePrecision(pool, m).ap50),
    ranked(
      'froc',
      (records) => poolFroc(records.map((record) => prepareFroc(record))),
      (pool, m) => frocScore(pool, m),
    ),
  ];
  return metrics as unknown as DetMetric<unknown, never>[];
}

function observe({ label, prediction, geometry }: Item): DetRecord {
  return {
    truth: label
      .filter(({ width, height }) => width > 0 && height > 0)
      .map((box) => toOriginal(box, geometry))
      .flatMap(({ x, y, width, height }) => [x, y, width, height]),
    predicted: prediction.boxes.flatMap(({ x, y, width, height }) => [x, y, width, height]),
    scores: prediction.boxes.map(({ score }) => score),
  };
}

function match(records: readonly DetRecord[]): DetectionRecord[] {
  return records.map(prepareDetections);
}
