import {
  binProbabilities,
  calibration,
  confusion,
  decide,
  frocCurve,
  meanDice,
  operatingPoints,
  poolFroc,
  prepareFroc,
  rankScores,
  scoreMasks,
  type Confusion,
  type DetectionImage,
  type Ranking,
} from '@multichexnet/metrics';
import { thin, type Line, type Point } from '../page/line-plot.js';

/** Scores and labels of one class, of the images where it is known. */
export interface ClassScores {
  readonly name: string;
  readonly scores: readonly number[];
  readonly labels: readonly number[];
}

interface FindingRecord {
  readonly scores: readonly number[];
  /** -1 where unknown. */
  readonly labels: readonly number[];
}

/** The classes with a known label among a classification head's records, as the head wrote them (`findings`). */
export function classScores(records: readonly unknown[], classes: readonly string[]): ClassScores[] {
  const found = records as readonly FindingRecord[];
  return classes.flatMap((name, c) => {
    const known = found.filter(({ labels }) => labels[c] === 0 || labels[c] === 1);
    if (known.length === 0) return [];
    return [{ name, scores: known.map(({ scores }) => scores[c]!), labels: known.map(({ labels }) => labels[c]!) }];
  });
}

export function hasBothLabels({ labels }: ClassScores): boolean {
  return labels.includes(0) && labels.includes(1);
}

export function rocLine(of: ClassScores): Line {
  const points = operatingPoints(rankingOf(of)).map((point): Point => [
    point.falsePositiveRate ?? 0,
    point.sensitivity ?? 0,
  ]);
  return { name: of.name, points: thin(points) };
}

/** Precision over sensitivity; it begins where something is called. */
export function precisionLine(of: ClassScores): Line {
  const points = operatingPoints(rankingOf(of)).flatMap(({ precision, sensitivity }): Point[] =>
    precision === undefined || sensitivity === undefined ? [] : [[sensitivity, precision]],
  );
  return { name: of.name, points: thin(points) };
}

/** Share of positives over the mean probability, in ten bins; empty bins have no point. */
export function reliabilityLine({ name, scores, labels }: ClassScores): Line {
  const { bins } = calibration(binProbabilities(scores, labels, 10));
  const points = bins.flatMap(({ meanProbability: p, positiveShare: share }): Point[] =>
    p === undefined || share === undefined ? [] : [[p, share]],
  );
  return { name, points };
}

/** Sensitivity over false alarms an image, up to 8; undefined without a true box. */
export function frocLine(records: readonly unknown[], name: string): Line | undefined {
  const curve = frocCurve(poolFroc((records as readonly DetectionImage[]).map((record) => prepareFroc(record))));
  if (curve === undefined) return undefined;
  const points = curve.alarms.map((alarms, i): Point => [alarms, curve.sensitivity[i]!]);
  return { name, points: thin(points.filter(([alarms]) => alarms <= 8)) };
}

interface OverlapRecord {
  readonly truth: number;
  /** Pixels at thresholds that divide 0..1 evenly, the ends left out. */
  readonly predicted: readonly number[];
  readonly intersection: readonly number[];
}

/** Mean Dice over the threshold of a pixel: of all images, and of those with something to find. */
export function diceLines(records: readonly unknown[]): Line[] {
  const overlaps = records as readonly OverlapRecord[];
  const count = overlaps[0]?.predicted.length ?? 0;
  const means = Array.from({ length: count }, (_, t) =>
    meanDice(
      scoreMasks(
        overlaps.map(({ truth, predicted, intersection }) => ({
          truth,
          predicted: predicted[t]!,
          intersection: intersection[t]!,
        })),
      ),
    ),
  );
  const line = (name: string, part: 'all' | 'positives'): Line => ({
    name,
    points: means.flatMap((mean, t): Point[] =>
      mean[part] === undefined ? [] : [[(t + 1) / (count + 1), mean[part]]],
    ),
  });
  return [line('all images', 'all'), line('images with a mask', 'positives')].filter(({ points }) => points.length > 0);
}

export function confusionAt({ scores, labels }: ClassScores, threshold: number): Confusion {
  return confusion(decide(scores, labels, threshold));
}

/** Means over as many steps as leave at most 200 points. */
export function smooth(points: readonly Point[]): Point[] {
  const width = Math.ceil(points.length / 200);
  return Array.from({ length: Math.ceil(points.length / width) }, (_, i) => {
    const part = points.slice(i * width, (i + 1) * width);
    return [part.at(-1)![0], part.reduce((sum, [, y]) => sum + y, 0) / part.length];
  });
}

function rankingOf({ scores, labels }: ClassScores): Ranking {
  return rankScores(scores, labels);
}
