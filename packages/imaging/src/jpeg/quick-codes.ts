import type { HuffmanTable } from './entropy-reader.js';

/** Bits that one look-up sees: 16 KB for both tables, which stay in a core's nearest cache. */
export const AHEAD = 11;
/** Steps along the zigzag that the end of a block stands for: out of it from anywhere, and further than any run. */
export const END = 127;
/** Where one may be after that: from 63. */
export const PLACES = 64 + END;
/** Bits of the largest number in a baseline stream: a difference of two DC values. */
export const MAX_SIZE = 11;

/**
 * Code and number in one look-up: what the next {@link AHEAD} bits begin with, DC codes first, then AC codes. Lowest five bits: length of code and number; eight
 * bits: steps along the zigzag before the number's place; sixteen: the number, 0 after a run of zeros and at the end of a block. 0 where both are longer.
 * [2 * 2^AHEAD]
 */
export function quickCodes(dc: HuffmanTable, ac: HuffmanTable): Int32Array {
  const codes = new Int32Array(2 << AHEAD);
  for (let i = 0; i < 1 << AHEAD; i++) {
    const first = i << (16 - AHEAD);
    codes[i] = quickCode(dc[first]!, dc[first]! & 255, 0, i);
    codes[(1 << AHEAD) + i] = quickCode(ac[first]!, ac[first]! & 15, stepsOf(ac[first]! & 255), i);
  }
  return codes;
}

/** Steps before the place of an AC code's number (T.81 F.1.2.2.1). */
export function stepsOf(symbol: number): number {
  return symbol !== 0xf0 && (symbol & 15) === 0 ? END : symbol >> 4;
}

function quickCode(entry: number, size: number, steps: number, bits: number): number {
  const length = (entry >> 8) + size;
  if (entry === 0 || size > MAX_SIZE || length > AHEAD) return 0;
  return (numberOf((bits >> (AHEAD - length)) & ((1 << size) - 1), size) << 16) | (steps << 5) | length;
}

/** A number of `size` bits in JPEG's form: those that begin with 0 are negative (T.81 F.2.2.1, EXTEND). */
export function numberOf(bits: number, size: number): number {
  return size === 0 || bits >> (size - 1) === 1 ? bits : bits + 1 - (1 << size);
}
