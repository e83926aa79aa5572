import { assertLength, MetricsError } from './errors.js';
import { assertMultiplicity, type Multiplicity } from './multiplicity.js';

/** A mean over classes: `value` is undefined when no class was defined, `counted` says how many were. */
export interface MacroMean {
  readonly value: number | undefined;
  readonly counted: number;
}

/** The unweighted mean of the defined entries. */
export function macroMean(values: readonly (number | undefined)[]): MacroMean {
  let sum = 0;
  let counted = 0;
  for (const value of values) {
    if (value === undefined) continue;
    sum += value;
    counted++;
  }
  return { value: counted === 0 ? undefined : sum / counted, counted };
}

/**
 * Sum of w[i] v[i] / sum of w[i] over the items with `counted[i]` not 0; undefined when these weigh nothing.
 *
 * @param values shape [n]; entries that are not counted may hold anything
 * @param counted shape [n]; without it every item counts
 * @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID, METRICS_SCORE_INVALID (NaN)
 */
export function weightedMean(
  values: ArrayLike<number>,
  counted?: ArrayLike<number>,
  multiplicity?: Multiplicity,
): number | undefined {
  if (counted !== undefined) assertLength('counted', counted.length, values.length);
  assertMultiplicity(multiplicity, values.length);
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    if (counted !== undefined && counted[i] === 0) continue;
    const copies = multiplicity === undefined ? 1 : multiplicity[i]!;
    if (copies === 0) continue;
    sum += copies * values[i]!;
    weight += copies;
  }
  if (Number.isNaN(sum)) {
    throw new MetricsError(
      'METRICS_SCORE_INVALID',
      'a counted value is NaN: mark it by counted = 0 or compute it anew',
    );
  }
  return weight === 0 ? undefined : sum / weight;
}
