import { expect } from 'vitest';

/** Loss, gradients and new statistics of one step, by name. */
export type StepValues = Record<string, number[]>;

const TOLERANCE = 1e-4;

/**
 * Compares two ways of computing one step, to 1e-4 of each tensor's largest value. A gradient that is zero but for rounding (a bias in front of batch norm) is
 * compared on the scale of the others.
 */
export function expectCloseSteps(actual: StepValues, expected: StepValues): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  const largestOf = (values: readonly number[]): number =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const largest = largestOf(Object.values(expected).map(largestOf));
  for (const [name, values] of Object.entries(actual)) {
    const wanted = expected[name]!;
    const scale = Math.max(largestOf(wanted), 1e-2 * largest, 1e-6);
    expect(largestOf(values.map((value, i) => value - wanted[i]!)) / scale, name).toBeLessThan(TOLERANCE);
  }
}
