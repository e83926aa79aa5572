import { normalCdf, normalQuantile } from './normal-distribution.js';

/** Quantile of ascending values, linear between order statistics (numpy's default, Hyndman and Fan's type 7). */
export function quantile(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low === high ? low : low + (position - below) * (high - low);
}

/**
 * The two quantile levels of the BCa interval (Efron 1987): `Phi(z0 + (z0 + z) / (1 - a (z0 + z)))`, z the normal
 * quantiles of the level; z0 from the share of replicates below the value, ties at half; the acceleration
 * `a = sum d^3 / (6 (sum d^2)^1.5)` from the jackknife, d = mean - value without a group.
 */
export function bcaLevels(
  sorted: Float64Array,
  value: number,
  jackknife: readonly number[],
  level: number,
): [number, number] {
  let below = 0;
  let equal = 0;
  for (const replicate of sorted) {
    if (replicate < value) below++;
    else if (replicate === value) equal++;
  }
  const count = sorted.length;
  // Held inside (0, 1): a value beyond every replicate would send z0 to infinity and both ends to one point.
  const share = Math.min(Math.max((below + equal / 2) / count, 0.5 / count), 1 - 0.5 / count);
  const bias = normalQuantile(share);

  const mean = jackknife.reduce((sum, v) => sum + v, 0) / jackknife.length;
  let squares = 0;
  let cubes = 0;
  for (const v of jackknife) {
    squares += (mean - v) ** 2;
    cubes += (mean - v) ** 3;
  }
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const adjusted = (probability: number): number => {
    const shifted = bias + normalQuantile(probability);
    const scale = 1 - acceleration * shifted;
    if (scale <= 0) return shifted > 0 ? 1 : 0; // where the formula's limit lies
    return normalCdf(bias + shifted / scale);
  };
  return [adjusted((1 - level) / 2), adjusted((1 + level) / 2)];
}
