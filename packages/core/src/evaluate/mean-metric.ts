/** For tests: the mean of numbers, undefined of none. */
export const meanMetric = {
  name: 'mean',
  better: 'higher',
  observe: () => 0,
  prepare: (records: readonly number[]) => records,
  reduce: (records: readonly number[], multiplicity: Uint16Array) => {
    const count = multiplicity.reduce((a, b) => a + b, 0);
    return count === 0 ? undefined : records.reduce((sum, value, i) => sum + value * multiplicity[i]!, 0) / count;
  },
} as const;
