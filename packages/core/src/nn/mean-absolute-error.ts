import type { OutputValue } from '../plugin/sample-values.js';
import type { HeadMetric } from '../plugin/metric.js';

/**
 * Mean absolute difference between a numeric label and `prediction[key]`, in the label's unit. An image held back by a gate has no prediction and does not
 * count.
 */
export function meanAbsoluteError<const K extends string>(
  key: K,
): HeadMetric<
  number,
  readonly OutputValue[],
  Readonly<Record<K, number>>,
  number | null,
  undefined,
  readonly (number | null)[]
> {
  return {
    name: `mae/${key}`,
    better: 'lower',
    observe: ({ outputs, prediction, label }) => (outputs === undefined ? null : Math.abs(prediction[key] - label)),
    prepare: (records) => records,
    reduce: (errors, multiplicity) => {
      let sum = 0;
      let count = 0;
      errors.forEach((error, i) => {
        if (error === null) return;
        sum += error * multiplicity[i]!;
        count += multiplicity[i]!;
      });
      return count === 0 ? undefined : sum / count;
    },
  };
}
