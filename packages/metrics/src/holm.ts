import { MetricsError } from './errors.js';

/**
 * Holm's step-down adjustment of p-values (1979): the i-th smallest of m, from 0, becomes the largest so far of
 * `(m - i) p`, at most 1. It holds the family-wise error without any assumption on how the tests depend.
 *
 * @param pValues undefined = no test was possible: it stays undefined and does not count as one of the m
 * @throws {MetricsError} METRICS_OPTION_INVALID for a number outside [0, 1]
 */
export function holm(pValues: readonly (number | undefined)[]): (number | undefined)[] {
  const adjusted: (number | undefined)[] = pValues.map(() => undefined);
  const tests = pValues.flatMap((p, at) => (p === undefined ? [] : [{ p, at }]));
  const bad = tests.find(({ p }) => !(p >= 0 && p <= 1));
  if (bad !== undefined) {
    throw new MetricsError('METRICS_OPTION_INVALID', `pValues[${bad.at}] is ${bad.p}: a number from 0 to 1 wanted`);
  }
  let largest = 0;
  tests
    .sort((a, b) => a.p - b.p)
    .forEach(({ p, at }, rank) => {
      largest = Math.min(1, Math.max(largest, (tests.length - rank) * p));
      adjusted[at] = largest;
    });
  return adjusted;
}
