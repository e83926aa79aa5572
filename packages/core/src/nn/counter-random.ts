/**
 * Random numbers as a pure function of (seed, name, index): no state to save, any element computable alone, and only IEEE-exact arithmetic, so that
 * every machine and JavaScript version makes the same initial weights (`Math.log` and `Math.cos` may differ in the last bit).
 */
export interface RandomStream {
  /** 32 bits. */
  readonly word: (index: number) => number;
  /** Uniform in [0, 1) with 24 bits, exact in float32. */
  readonly uniform: (index: number) => number;
  /** Standard normal by Marsaglia's polar method. */
  readonly normal: (index: number) => number;
}

/** 32-bit FNV-1a hash of a name. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Streams of different seeds or names are independent. */
export function randomStream(seed: number, name: string): RandomStream {
  const first = mix(hashName(name) ^ mix(seed));
  const second = mix(first + 0x9e3779b9);
  const word = (index: number): number => mix(mix(index ^ first) + second);
  return {
    word,
    uniform: (index) => (word(index) >>> 8) / 0x1000000,
    normal: (index) => {
      for (let attempt = 0; ; attempt++) {
        const skip = Math.imul(attempt, 0x6c8e9cf5); // each attempt takes a fresh pair of words
        const u = (word(2 * index + skip) + 0.5) / 0x80000000 - 1;
        const v = (word(2 * index + 1 + skip) + 0.5) / 0x80000000 - 1;
        const s = u * u + v * v;
        if (s < 1) return u * Math.sqrt((-2 * exactLog(s)) / s);
      }
    },
  };
}

/** Bijective mixing of 32 bits (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Natural logarithm on (0, 1) from additions, products and divisions alone: log(m 2^e) by the artanh series of m. */
function exactLog(x: number): number {
  let m = x;
  let exponent = 0;
  while (m < 0.70710678) {
    m *= 2;
    exponent--;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let power = s;
  let sum = 0;
  for (let k = 1; k < 24; k += 2) {
    sum += power / k;
    power *= square;
  }
  return 2 * sum + exponent * 0.6931471805599453;
}
