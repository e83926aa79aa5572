import { assertLength, MetricsError } from './errors.js';
import { assertMultiplicity, type Multiplicity } from './multiplicity.js';
import { assertEntry } from './ranking.js';

/** Binned probabilities of one class, made once by {@link binProbabilities}. */
export interface BinnedProbabilities {
  /** Items that were given, known or not. */
  readonly items: number;
  readonly bins: number;
  /** [k] item index of each known item. */
  readonly item: Uint32Array;
  /** [k] its probability, in [0, 1]. */
  readonly probability: Float64Array;
  /** [k] its label, 0 or 1. */
  readonly label: Uint8Array;
  /** [k] its bin. */
  readonly bin: Uint16Array;
}

/** One bin of a reliability diagram; empty bins have no means. */
export interface CalibrationBin {
  readonly count: number;
  readonly meanProbability: number | undefined;
  readonly positiveShare: number | undefined;
}

export interface Calibration {
  /** Brier score, mean (p - y)^2, in [0, 1]; undefined without an item. */
  readonly brier: number | undefined;
  /** Expected calibration error, sum over bins of n_b / n |mean p - share of positives|, in [0, 1]. */
  readonly ece: number | undefined;
  readonly bins: CalibrationBin[];
}

/**
 * Sorts probabilities into equal-width bins [i / bins, (i + 1) / bins), the last one closed.
 *
 * @param probabilities shape [n], in [0, 1]
 * @param labels shape [n], 0 or 1
 * @param known shape [n], 0 = label unknown, the item is left out
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_LABEL_INVALID, METRICS_SCORE_INVALID, METRICS_OPTION_INVALID
 */
export function binProbabilities(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  bins = 15,
  known?: ArrayLike<number>,
): BinnedProbabilities {
  assertLength('labels', labels.length, probabilities.length);
  if (known !== undefined) assertLength('known', known.length, probabilities.length);
  if (!Number.isInteger(bins) || bins < 1 || bins > 65536) {
    throw new MetricsError('METRICS_OPTION_INVALID', `bins is ${bins}: an integer from 1 to 65536 wanted`);
  }
  const kept: number[] = [];
  for (let at = 0; at < probabilities.length; at++) {
    if (known !== undefined && known[at] === 0) continue;
    const p = probabilities[at]!;
    assertEntry(p, labels[at]!, at);
    if (p < 0 || p > 1) {
      throw new MetricsError('METRICS_SCORE_INVALID', `probabilities[${at}] is ${p}: a number from 0 to 1 wanted`);
    }
    kept.push(at);
  }
  return {
    items: probabilities.length,
    bins,
    item: Uint32Array.from(kept),
    probability: Float64Array.from(kept, (at) => probabilities[at]!),
    label: Uint8Array.from(kept, (at) => labels[at]!),
    bin: Uint16Array.from(kept, (at) => Math.min(bins - 1, Math.floor(probabilities[at]! * bins))),
  };
}

/** @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID */
export function calibration(binned: BinnedProbabilities, multiplicity?: Multiplicity): Calibration {
  assertMultiplicity(multiplicity, binned.items);
  const { item, probability, label, bin } = binned;
  const counts = new Float64Array(binned.bins);
  const sums = new Float64Array(binned.bins);
  const positives = new Float64Array(binned.bins);
  let weight = 0;
  let squares = 0;
  for (let i = 0; i < item.length; i++) {
    const copies = multiplicity === undefined ? 1 : multiplicity[item[i]!]!;
    const p = probability[i]!;
    const y = label[i]!;
    weight += copies;
    squares += copies * (p - y) * (p - y);
    counts[bin[i]!]! += copies;
    sums[bin[i]!]! += copies * p;
    positives[bin[i]!]! += copies * y;
  }
  let gaps = 0;
  for (let b = 0; b < binned.bins; b++) gaps += Math.abs(sums[b]! - positives[b]!);
  return {
    brier: weight === 0 ? undefined : squares / weight,
    ece: weight === 0 ? undefined : gaps / weight,
    bins: Array.from(counts, (count, b) => ({
      count,
      meanProbability: count === 0 ? undefined : sums[b]! / count,
      positiveShare: count === 0 ? undefined : positives[b]! / count,
    })),
  };
}
