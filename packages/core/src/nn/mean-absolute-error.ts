import type { OutputValue } from '../plugin/head-plugin.js';
import type { HeadMetric } from '../plugin/metric.js';

/**
 * Mean absolute difference between a numeric label and `prediction[key]`, in the label's unit. An image held back by a gate has no prediction and does not
 * count.
 */
export function meanAbsoluteError<const K extends string>(
  key: K,
): HeadMetric<number, readonly OutputValue[], Readonly<Record<K, number>>, number, undefined, Float64Array> {
  return {
    name: `mae/${key}`,
    better: 'lower',
    observe: ({ outputs, prediction, label }) => (outputs === undefined ? NaN : Math.abs(prediction[key] - label)),
    prepare: (records) => Float64Array.from(records),
    reduce: (errors, multiplicity) => {
      let sum = 0;
      let count = 0;
      errors.forEach((error, i) => {
        if (Number.isNaN(error)) return;
        sum += error * multiplicity[i]!;
        count += multiplicity[i]!;
      });
      return count === 0 ? undefined : sum / count;
    },
  };
}
