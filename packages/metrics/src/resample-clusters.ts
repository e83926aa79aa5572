import { MetricsError } from './errors.js';
import { philox } from './philox.js';

/** Draws clusters (patients) with replacement; items of a cluster always come together. */
export interface ClusterResampler {
  readonly clusters: number;
  /** Multiplicity of each item, shape [n], in resample `index`: pure in (seed, index). Valid until the next call. */
  draw(index: number): Uint16Array;
  /** How often each of `count` other things (training seeds) is drawn in resample `index`, by draws of its own, shape [count]. */
  drawOthers(index: number, count: number): Uint16Array;
  /** Every item once, save those of the clusters from `from` to `to` (exclusive), in order of first appearance. */
  leaveOut(from: number, to: number): Uint16Array;
}

/** u count below stays exact in a double up to here. */
const MAX_CLUSTERS = 2 ** 21;

/**
 * @param clusterOf the cluster of each item, shape [n]
 * @param seed an integer from 0 to 2^53 - 1
 * @throws {MetricsError} METRICS_OPTION_INVALID
 */
export function createResampler(clusterOf: readonly string[] | Int32Array, seed: number): ClusterResampler {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new MetricsError('METRICS_OPTION_INVALID', `seed is ${seed}: an integer from 0 to 2^53 - 1 wanted`);
  }
  const numbers = new Map<string | number, number>();
  const cluster = new Uint32Array(clusterOf.length);
  for (let item = 0; item < clusterOf.length; item++) {
    const name = clusterOf[item]!;
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, (number = numbers.size));
    cluster[item] = number;
  }
  const count = numbers.size;
  if (count > MAX_CLUSTERS) {
    throw new MetricsError(
      'METRICS_OPTION_INVALID',
      `clusters names ${count} clusters: at most ${MAX_CLUSTERS} wanted`,
    );
  }
  const drawn = new Uint16Array(count);
  const multiplicity = new Uint16Array(clusterOf.length);
  const words = new Uint32Array(4);
  const keyLow = seed >>> 0;
  const keyHigh = Math.floor(seed / 2 ** 32);

  /** The stream is the third word of the counter: 0 for clusters, 1 for what is crossed with them. */
  function fill(drawn: Uint16Array, index: number, stream: number): void {
    const count = drawn.length;
    drawn.fill(0);
    for (let draw = 0; draw < count; draw++) {
      if (draw % 4 === 0) philox(draw / 4, index, stream, 0, keyLow, keyHigh, words);
      // floor(u count / 2^32), whose bias is below count / 2^32.
      drawn[Math.floor((words[draw % 4]! * count) / 2 ** 32)]!++;
    }
  }

  function spread(): Uint16Array {
    for (let item = 0; item < cluster.length; item++) multiplicity[item] = drawn[cluster[item]!]!;
    return multiplicity;
  }

  return {
    clusters: count,
    draw(index) {
      fill(drawn, index, 0);
      return spread();
    },
    drawOthers(index, others) {
      const copies = new Uint16Array(others);
      fill(copies, index, 1);
      return copies;
    },
    leaveOut(from, to) {
      drawn.fill(1);
      drawn.fill(0, from, to);
      return spread();
    },
  };
}
