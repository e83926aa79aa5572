/** @throws {RangeError} of no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of no values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

export function round(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}

/** Slope of the least-squares line through (x, y). @throws {RangeError} of fewer than two points, or of points at one x */
export function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const spread = x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  if (!(spread > 0) || x.length !== y.length)
    throw new RangeError(`a line through ${x.length} points with spread ${spread}`);
  return x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] as number) - my), 0) / spread;
}
