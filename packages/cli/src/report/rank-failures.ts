import type { FoldRecords, RecordedSample } from '@multichexnet/core';
import { maskDice, prepareDetections, type DetectionImage, type MaskOverlap } from '@multichexnet/metrics';
import type { MeasuredMetric } from '../metrics/measure-phase.js';

/** One test image with how wrong its prediction is. */
export interface RankedImage {
  readonly sample: RecordedSample;
  /** 0 = right, 1 = as wrong as can be. */
  readonly error: number;
  /** Whether there is something to find. */
  readonly positive: boolean;
  /** What is wrong, for people. */
  readonly words: string;
  /** The class that is most wrong, of a classifier. */
  readonly finding?: string;
  /** Predicted boxes x, y, width, height, and the confidence of each, of a detection head. */
  readonly boxes?: { readonly at: readonly number[]; readonly scores: readonly number[] };
}

interface FindingRecord {
  readonly scores: readonly number[];
  readonly labels: readonly number[];
}

interface BoxRecord extends DetectionImage {
  readonly predicted: readonly number[];
  readonly scores: readonly number[];
}

interface OverlapRecord {
  readonly truth: number;
  readonly predicted: readonly number[];
  readonly intersection: readonly number[];
}

/**
 * The test images of one head, the worst first. A classifier's error is its largest |probability - label|; a detector's 1 minus the image's score by the RSNA
 * rule; a segmentation's 1 minus Dice; both at the threshold that validation chose. Empty for a head that records something else.
 */
export function rankFailures(folds: readonly FoldRecords[], metrics: readonly MeasuredMetric[]): RankedImage[] {
  const samples = folds.flatMap(({ test }) => test.samples);
  const of = (name: string): unknown[] => folds.flatMap(({ test }) => test.metrics[name] ?? []);
  const classes = [...new Set(metrics.flatMap((metric) => (metric.class === undefined ? [] : [metric.class])))];
  const chosen = (name: string): unknown => metrics.find(({ metric }) => metric === name)?.chosen;
  const judge =
    judgeWith<FindingRecord>(of('findings'), (record) => judgeFindings(record, classes)) ??
    judgeWith<BoxRecord>(of('boxes'), (record) => judgeBoxes(record, numberOr(chosen('mAP'), 0))) ??
    judgeWith<OverlapRecord>(of('overlap'), (record) => judgeOverlap(record, numberOr(chosen('dice'), 9)));
  if (judge === undefined) return [];
  return samples
    .flatMap((sample, i) => {
      const judged = judge(i);
      return judged === undefined ? [] : [{ sample, ...judged }];
    })
    .sort((a, b) => b.error - a.error);
}

type Judged = Omit<RankedImage, 'sample'>;

function judgeWith<R>(
  records: readonly unknown[],
  judge: (record: R) => Judged | undefined,
): ((i: number) => Judged | undefined) | undefined {
  return records.length === 0 ? undefined : (i) => judge(records[i] as R);
}

function judgeFindings({ scores, labels }: FindingRecord, classes: readonly string[]): Judged | undefined {
  const known = classes.flatMap((name, c) => {
    const [score, label] = [scores[c]!, labels[c]!];
    return label === -1 ? [] : [{ name, score, label, error: Math.abs(score - label) }];
  });
  if (known.length === 0) return undefined;
  const worst = known.reduce((a, b) => (b.error > a.error ? b : a));
  return {
    error: worst.error,
    finding: worst.name,
    positive: known.some(({ label }) => label === 1),
    words: `${worst.name} ${worst.score.toFixed(2)}, is ${worst.label === 1 ? '' : 'not '}there`,
  };
}

function judgeBoxes(record: BoxRecord, threshold: number): Judged {
  const { truths, scores, rsna } = prepareDetections(record);
  const kept = scores.filter((score) => score >= threshold).length;
  const score = truths === 0 ? (kept === 0 ? 1 : 0) : rsna[kept]!;
  const shown = record.scores.flatMap((confidence, i) => (confidence >= threshold ? [i] : []));
  return {
    error: 1 - score,
    positive: truths > 0,
    words: `score ${score.toFixed(2)}: ${truths} true, ${kept} predicted`,
    boxes: {
      at: shown.flatMap((i) => record.predicted.slice(4 * i, 4 * i + 4)),
      scores: shown.map((i) => record.scores[i]!),
    },
  };
}

function judgeOverlap({ truth, predicted, intersection }: OverlapRecord, threshold: number): Judged {
  const overlap: MaskOverlap = { truth, predicted: predicted[threshold]!, intersection: intersection[threshold]! };
  const dice = maskDice(overlap);
  return {
    error: 1 - dice,
    positive: truth > 0,
    words: `Dice ${dice.toFixed(2)}: ${truth.toLocaleString('en')} true pixels, ${overlap.predicted.toLocaleString('en')} predicted`,
  };
}

/** Of several folds every one chose its own; the images are ranked by what a head predicts at the default then. */
function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
