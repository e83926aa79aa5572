/**
 * Which source pixels make a target pixel along one axis, and with which weights. Weights are whole numbers with one sum for all
 * target pixels, so that 8- and 16-bit images are resized in exact arithmetic: the same bytes on every machine.
 */
export interface AxisTaps {
  readonly source: number;
  readonly target: number;
  /** First source pixel of each target pixel, [target]. */
  readonly first: Int32Array;
  /** Weights of target pixel j are `weights[offsets[j] .. offsets[j + 1]]`, [target + 1]. */
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
  /** Sum of the weights of any one target pixel. */
  readonly total: number;
}

/**
 * Exact area average: target pixel j covers source interval [j * s / t, (j + 1) * s / t); in units of 1 / t of a source pixel
 * every overlap is whole and they sum to s.
 */
export function areaTaps(source: number, target: number): AxisTaps {
  return build(source, target, source, (j) => {
    const from = j * source;
    const to = from + source;
    const first = Math.floor(from / target);
    const weights: number[] = [];
    for (let i = first; i * target < to; i++) weights.push(Math.min(to, (i + 1) * target) - Math.max(from, i * target));
    return { first, weights };
  });
}

/** Linear interpolation between pixel centres (centre of pixel j at j + 1/2), edges held; in units of 1 / (2 t). */
export function linearTaps(source: number, target: number): AxisTaps {
  const unit = 2 * target;
  return build(source, target, unit, (j) => {
    const position = (2 * j + 1) * source - target; // source coordinate of the centre, minus 1/2, in units
    const low = Math.floor(position / unit);
    const fraction = position - low * unit;
    if (low < 0) return { first: 0, weights: [unit] };
    if (low >= source - 1) return { first: source - 1, weights: [unit] };
    return { first: low, weights: fraction === 0 ? [unit] : [unit - fraction, fraction] };
  });
}

function build(
  source: number,
  target: number,
  total: number,
  tapsOf: (j: number) => { first: number; weights: readonly number[] },
): AxisTaps {
  const first = new Int32Array(target);
  const offsets = new Int32Array(target + 1);
  const weights: number[] = [];
  for (let j = 0; j < target; j++) {
    const taps = tapsOf(j);
    first[j] = taps.first;
    for (const weight of taps.weights) weights.push(weight);
    offsets[j + 1] = weights.length;
  }
  return { source, target, first, offsets, weights: Float64Array.from(weights), total };
}
