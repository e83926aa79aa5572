import { streamOf, type PredictionStream } from './prediction-stream.js';
import type { DetectionRecord } from './prepare-detections.js';

/** The predictions of all images matched by the VOC rule and sorted together, made once by {@link poolDetections}. */
export interface DetectionPool {
  /** [n] true boxes of each image. */
  readonly truths: Uint32Array;
  readonly stream: PredictionStream;
}

/** Sorts the predictions of all images, O(D log D). */
export function poolDetections(records: readonly DetectionRecord[]): DetectionPool {
  return {
    truths: Uint32Array.from(records, (record) => record.truths),
    stream: streamOf(
      records.map(({ scores, vocHits }) => ({ scores, hits: vocHits })),
      1,
    ),
  };
}
