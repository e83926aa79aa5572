import { assertLength, MetricsError } from './errors.js';

/**
 * How many times each item occurs, shape [n], integers >= 0. A bootstrap resample is such an array, so that what was
 * sorted or matched once serves every resample. An item with multiplicity w counts exactly as w copies of it.
 */
export type Multiplicity = Uint8Array | Uint16Array | Uint32Array | Int32Array;

/** @throws {MetricsError} METRICS_LENGTH_MISMATCH, METRICS_MULTIPLICITY_INVALID (a negative count). */
export function assertMultiplicity(multiplicity: Multiplicity | undefined, items: number): void {
  if (multiplicity === undefined) return;
  assertLength('multiplicity', multiplicity.length, items);
  if (!(multiplicity instanceof Int32Array)) return; // the unsigned types cannot be negative
  for (let i = 0; i < items; i++) {
    if (multiplicity[i]! < 0) {
      throw new MetricsError(
        'METRICS_MULTIPLICITY_INVALID',
        `multiplicity[${i}] is ${multiplicity[i]!}: a count must be 0 or more`,
      );
    }
  }
}
