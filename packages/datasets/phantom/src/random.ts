import { createRandom } from '@multichexnet/imaging';

/** A seeded stream with the draws that a picture needs. */
export interface Random {
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Whole number in [low, high], both included. */
  whole(low: number, high: number): number;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** Standard normal, cut to [-2.5, 2.5], so that no film is a freak. */
  normal(): number;
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T;
  sign(): 1 | -1;
  /** A 32-bit seed for a texture or another stream. */
  seed(): number;
  shuffle<T>(items: readonly T[]): T[];
}

/** A stream that depends on nothing but its seed and keys. */
export function seededRandom(seed: number, ...keys: readonly (string | number)[]): Random {
  const random = createRandom(seed, 'phantom', ...keys);
  return {
    between: (low, high) => random.uniform(low, high),
    whole: (low, high) => low + random.int(high - low + 1),
    chance: (p) => random.uniform() < p,
    normal: () => Math.max(-2.5, Math.min(2.5, random.normal())),
    pick: (items) => {
      const item = items[random.int(items.length)];
      if (item === undefined) throw new RangeError('cannot pick from an empty list');
      return item;
    },
    sign: () => (random.int(2) === 0 ? -1 : 1),
    seed: () => random.uint32(),
    shuffle: (items) => random.shuffle(items),
  };
}

/** A 32-bit seed from a seed and keys. */
export function deriveSeed(seed: number, ...keys: readonly (string | number)[]): number {
  return createRandom(seed, 'phantom', ...keys).uint32();
}
