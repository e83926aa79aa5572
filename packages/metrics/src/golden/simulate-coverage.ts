import { auroc } from '../auroc.js';
import { bootstrapIntervals, type IntervalMethod } from '../bootstrap.js';
import { delong } from '../delong.js';
import { weightedMean } from '../macro-mean.js';
import { normalCdf } from '../normal-distribution.js';
import { philox } from '../philox.js';
import { rankScores } from '../ranking.js';

/** Shares of repetitions whose 95 % interval holds the true value; DeLong's has none of Dice. */
export type Coverage = Partial<Record<StatisticName, number>>;
export type CoverageMethod = IntervalMethod | 'delong';
export type StatisticName = (typeof STATISTICS)[number];

export const STATISTICS = ['auroc', 'dice', 'dice/positives'] as const;
const PATIENTS = 150;
const SEPARATION = 1.2; // of the scores of positives, in standard deviations of all scores of a class
const MISSED = 0.1; // positives without a predicted pixel
const QUIET = 0.85; // negatives without one

/**
 * 150 patients with 1 to 4 images each. A patient's share of positive images is a beta variable of mean 0.2 (its labels
 * hang together); scores and the logit of Dice have a patient's and an image's part of equal variance. What holds in the
 * population is known: `trueValues`.
 */
export function simulateCoverage(options: {
  readonly repetitions: number;
  readonly resamples: number;
  readonly seed: number;
  /** `delong`: with Obuchowski's variance of clustered items. */
  readonly method: CoverageMethod;
}): Coverage {
  const { repetitions, resamples, seed, method } = options;
  const truth = trueValues();
  const covered = { auroc: 0, dice: 0, 'dice/positives': 0 };
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const { clusters, labels, scores, dice } = drawStudy(seed, repetition);
    const ranking = rankScores(scores, labels);
    if (method === 'delong') {
      const interval = delong(ranking, { clusters });
      if (interval !== undefined && interval.low <= truth.auroc && truth.auroc <= interval.high) covered.auroc++;
      continue;
    }
    const intervals = bootstrapIntervals({
      clusters,
      seed: repetition,
      resamples,
      method,
      statistics: (multiplicity) => [
        auroc(ranking, multiplicity),
        weightedMean(dice, undefined, multiplicity),
        weightedMean(dice, labels, multiplicity),
      ],
    });
    STATISTICS.forEach((name, s) => {
      const { low, high } = intervals[s]!;
      if (low !== undefined && low <= truth[name] && truth[name] <= high!) covered[name]++;
    });
  }
  if (method === 'delong') return { auroc: covered.auroc / repetitions };
  return {
    auroc: covered.auroc / repetitions,
    dice: covered.dice / repetitions,
    'dice/positives': covered['dice/positives'] / repetitions,
  };
}

export function trueValues(): Record<StatisticName, number> {
  let overlap = 0; // mean of sigmoid(1 + x), x standard normal, by the trapezium rule
  for (let i = -8000; i <= 8000; i++) {
    const x = i / 1000;
    overlap += Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI) / 1000 / (1 + Math.exp(-1 - x));
  }
  const positives = (1 - MISSED) * overlap;
  return {
    auroc: normalCdf(SEPARATION / Math.SQRT2),
    dice: 0.2 * positives + 0.8 * QUIET,
    'dice/positives': positives,
  };
}

interface Study {
  readonly clusters: Int32Array;
  readonly labels: Uint8Array;
  readonly scores: Float64Array;
  readonly dice: Float64Array;
}

function drawStudy(seed: number, repetition: number): Study {
  const { uniform, normal } = stream(seed, repetition);
  const rows: { cluster: number; label: number; score: number; dice: number }[] = [];
  for (let cluster = 0; cluster < PATIENTS; cluster++) {
    const images = 1 + Math.floor(4 * uniform());
    // Beta(1/2, 2), the first of two gammas: a squared normal over itself and a sum of two exponentials.
    const a = normal() ** 2;
    const share = a / (a - 2 * Math.log(uniform()) - 2 * Math.log(uniform()));
    const [effect, overlap] = [normal(), normal()];
    for (let image = 0; image < images; image++) {
      const label = uniform() < share ? 1 : 0;
      const score = SEPARATION * label + (effect + normal()) / Math.SQRT2;
      const logit = 1 + (overlap + normal()) / Math.SQRT2;
      const found = uniform();
      const ofPositive = found < MISSED ? 0 : 1 / (1 + Math.exp(-logit));
      rows.push({ cluster, label, score, dice: label === 1 ? ofPositive : found < QUIET ? 1 : 0 });
    }
  }
  return {
    clusters: Int32Array.from(rows, (row) => row.cluster),
    labels: Uint8Array.from(rows, (row) => row.label),
    scores: Float64Array.from(rows, (row) => row.score),
    dice: Float64Array.from(rows, (row) => row.dice),
  };
}

/** Uniform numbers in (0, 1) and standard normal ones (Box and Muller), pure in (seed, repetition). */
function stream(seed: number, repetition: number): { uniform: () => number; normal: () => number } {
  const words = new Uint32Array(4);
  let at = 0;
  const uniform = (): number => {
    if (at % 4 === 0) philox(at / 4, repetition, 0, 0xc0fe, seed, 0, words);
    return (words[at++ % 4]! + 0.5) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}
