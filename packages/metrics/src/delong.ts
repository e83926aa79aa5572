import { assertLength, MetricsError } from './errors.js';
import { normalCdf, normalQuantile } from './normal-distribution.js';
import type { Ranking } from './ranking.js';

export interface DelongOptions {
  /** The patient of each item, shape [n]: items of a patient may depend on each other. Without it all are independent. */
  readonly clusters?: readonly string[] | Int32Array;
  /** Confidence level in (0, 1), default 0.95. */
  readonly level?: number;
}

export interface DelongInterval {
  readonly auroc: number;
  readonly variance: number;
  /** auroc -/+ z sqrt(variance), held in [0, 1]. */
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

export interface DelongTest {
  /** auroc(first) - auroc(second). */
  readonly difference: number;
  readonly variance: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided normal p; 1 for a difference of 0, undefined for another one without variance. */
  readonly p: number | undefined;
  readonly level: number;
}

/**
 * AUROC with DeLong's variance (DeLong, DeLong and Clarke-Pearson 1988), in O(n) from the ranking (Sun and Xu 2014). An
 * item's component is the share of the other class that it is rightly ordered with, ties at half: V10 of a positive,
 * V01 of a negative. `variance = s10^2 / P + s01^2 / N` from their sample variances. With clusters, Obuchowski's sums
 * over patients (Biometrics 1997), which come to the same when every patient has one item.
 *
 * @returns undefined with fewer than two positives or two negatives (with clusters, patients who have one)
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_OPTION_INVALID
 */
export function delong(ranking: Ranking, options: DelongOptions = {}): DelongInterval | undefined {
  const { level = 0.95 } = options;
  const z = normalOf(level);
  const parts = components(ranking);
  const variance = clusteredVariance(parts, parts.mean, options.clusters);
  if (variance === undefined) return undefined;
  const half = z * Math.sqrt(variance);
  const low = Math.max(0, parts.mean - half);
  const high = Math.min(1, parts.mean + half);
  return { auroc: parts.mean, variance, low, high, level };
}

/**
 * DeLong's test of two models on the same items: the variance of the differences of their components.
 *
 * @param first @param second rankings of the same labels and known items
 * @returns undefined as {@link delong}
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_OPTION_INVALID, METRICS_LABEL_INVALID (labels differ)
 */
export function delongTest(first: Ranking, second: Ranking, options: DelongOptions = {}): DelongTest | undefined {
  const { level = 0.95 } = options;
  const z = normalOf(level);
  assertLength('second', second.items, first.items);
  const a = components(first);
  const b = components(second);
  for (let item = 0; item < first.items; item++) {
    if (a.label[item] === b.label[item]) continue;
    throw new MetricsError(
      'METRICS_LABEL_INVALID',
      `item ${item} has another label in the second ranking: rank the same labels, with the same known items`,
    );
  }
  const parts = { ...a, component: a.component.map((value, item) => value - b.component[item]!) };
  const difference = a.mean - b.mean;
  const variance = clusteredVariance(parts, difference, options.clusters);
  if (variance === undefined) return undefined;
  const error = Math.sqrt(variance);
  const p = difference === 0 ? 1 : variance === 0 ? undefined : 2 * normalCdf(-Math.abs(difference) / error);
  return { difference, variance, low: difference - z * error, high: difference + z * error, p, level };
}

interface Components {
  /** [n] V10 of a positive, V01 of a negative. */
  readonly component: Float64Array;
  /** [n] 1 positive, 0 negative, 2 unknown. */
  readonly label: Uint8Array;
  readonly mean: number;
  readonly positives: number;
  readonly negatives: number;
}

function components({ items, order, positive, groupEnds }: Ranking): Components {
  const component = new Float64Array(items);
  const label = new Uint8Array(items).fill(2);
  let positives = 0;
  for (const one of positive) positives += one;
  const negatives = positive.length - positives;
  let positivesAbove = 0;
  let negativesAbove = 0;
  let sum = 0;
  let start = 0;
  for (const end of groupEnds) {
    let tied = 0;
    for (let i = start; i < end; i++) tied += positive[i]!;
    const tiedNegatives = end - start - tied;
    const forPositive = (negatives - negativesAbove - tiedNegatives / 2) / negatives;
    const forNegative = (positivesAbove + tied / 2) / positives;
    for (let i = start; i < end; i++) {
      label[order[i]!] = positive[i]!;
      component[order[i]!] = positive[i] === 1 ? forPositive : forNegative;
    }
    sum += tied * forPositive;
    positivesAbove += tied;
    negativesAbove += tiedNegatives;
    start = end;
  }
  return { component, label, mean: sum / positives, positives, negatives };
}

function clusteredVariance(
  { component, label, positives, negatives }: Components,
  mean: number,
  clusters: readonly string[] | Int32Array | undefined,
): number | undefined {
  if (clusters !== undefined) assertLength('clusters', clusters.length, label.length);
  const sums = new Map<string | number, { plus: number; minus: number; positives: number; negatives: number }>();
  for (let item = 0; item < label.length; item++) {
    if (label[item] === 2) continue;
    const name = clusters === undefined ? item : clusters[item]!;
    let sum = sums.get(name);
    if (sum === undefined) sums.set(name, (sum = { plus: 0, minus: 0, positives: 0, negatives: 0 }));
    if (label[item] === 1) {
      sum.plus += component[item]! - mean;
      sum.positives++;
    } else {
      sum.minus += component[item]! - mean;
      sum.negatives++;
    }
  }
  let withPositive = 0;
  let withNegative = 0;
  let squares10 = 0;
  let squares01 = 0;
  let products = 0;
  for (const sum of sums.values()) {
    if (sum.positives > 0) withPositive++;
    if (sum.negatives > 0) withNegative++;
    squares10 += sum.plus ** 2;
    squares01 += sum.minus ** 2;
    products += sum.plus * sum.minus;
  }
  if (withPositive < 2 || withNegative < 2) return undefined;
  const s10 = (withPositive / (withPositive - 1) / positives) * squares10;
  const s01 = (withNegative / (withNegative - 1) / negatives) * squares01;
  const s11 = (sums.size / (sums.size - 1)) * products;
  return Math.max(0, s10 / positives + s01 / negatives + (2 * s11) / (positives * negatives));
}

function normalOf(level: number): number {
  if (level > 0 && level < 1) return normalQuantile((1 + level) / 2);
  throw new MetricsError('METRICS_OPTION_INVALID', `level is ${level}: a number between 0 and 1 wanted, like 0.95`);
}
