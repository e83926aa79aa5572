import { ImagingError } from '../errors.js';
import { philox4x32 } from './philox.js';

/** A stream of random numbers that is a pure function of its seed and keys. */
export interface Random {
  /** A whole number, 0 .. 2^32 - 1. */
  uint32(): number;
  /** At least `low`, below `high`; 53 random bits. Defaults 0 and 1. */
  uniform(low?: number, high?: number): number;
  /** Normally distributed (Box-Muller). Defaults: mean 0, deviation 1. */
  normal(mean?: number, deviation?: number): number;
  /** A whole number, 0 .. n - 1, each equally likely; n from 1 to 2^32. */
  int(n: number): number;
  /** A new array of the same items in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * A random stream for one purpose, such as `createRandom(seed, 'augment', sampleId, epoch)`. Streams of different seeds or keys
 * are independent; the same ones give the same numbers whatever thread asks and whatever was asked before. Keys are told apart
 * by type, order and count: `1` is not `'1'`, `('a', 'b')` is not `('ab')`.
 *
 * Seed and keys are folded by Philox4x32-10 into its key and the upper half of its counter; the lower half counts.
 * @throws ImagingError ARGUMENT_INVALID for a number that is not finite
 */
export function createRandom(seed: number, ...keys: readonly (number | string)[]): Random {
  const stream = new Uint32Array(4); // [key 0, key 1, counter 2, counter 3]
  absorb(stream, seed);
  for (const key of keys) absorb(stream, key);
  const key = stream.slice(0, 2);
  const counter = Uint32Array.of(0, 0, stream[2]!, stream[3]!);
  const block = new Uint32Array(4);
  let used = 4;

  const uint32 = (): number => {
    if (used === 4) {
      philox4x32(counter, key, block);
      counter[0]!++;
      if (counter[0] === 0) counter[1]!++;
      used = 0;
    }
    return block[used++]!;
  };
  const fraction = (): number => ((uint32() >>> 5) * 0x4000000 + (uint32() >>> 6)) / 0x20000000000000;
  const int = (n: number): number => {
    if (!Number.isSafeInteger(n) || n < 1 || n > 0x100000000) {
      throw new ImagingError('ARGUMENT_INVALID', `int(n) takes a whole number from 1 to 2^32, got ${n}`);
    }
    const limit = 0x100000000 - (0x100000000 % n); // above it the lowest remainders would come once too often
    for (;;) {
      const word = uint32();
      if (word < limit) return word % n;
    }
  };
  return {
    uint32,
    int,
    uniform: (low = 0, high = 1) => {
      const value = low + (high - low) * fraction();
      return value < high || high <= low ? value : low; // rounding may reach the upper end
    },
    normal: (mean = 0, deviation = 1) => {
      const radius = Math.sqrt(-2 * Math.log(1 - fraction()));
      return mean + deviation * radius * Math.cos(2 * Math.PI * fraction());
    },
    shuffle: (items) => {
      const shuffled = [...items];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = int(i + 1);
        const held = shuffled[i]!;
        shuffled[i] = shuffled[j]!;
        shuffled[j] = held;
      }
      return shuffled;
    },
  };
}

const numberTag = 1;
const stringTag = 2;

/** Folds one key into the stream state, 64 bits at a time; the first block holds the type and the length. */
function absorb(state: Uint32Array, key: number | string): void {
  if (typeof key === 'number') {
    if (!Number.isFinite(key))
      throw new ImagingError('ARGUMENT_INVALID', `a random seed or key must be a finite number, got ${key}`);
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, key + 0); // -0 and 0 are one key
    fold(state, numberTag, 0);
    fold(state, view.getUint32(0), view.getUint32(4));
    return;
  }
  fold(state, stringTag, key.length);
  for (let i = 0; i < key.length; i += 4) fold(state, twoUnits(key, i), twoUnits(key, i + 2));
}

function twoUnits(text: string, at: number): number {
  const unit = (i: number) => (i < text.length ? text.charCodeAt(i) : 0);
  return ((unit(at) << 16) | unit(at + 1)) >>> 0;
}

function fold(state: Uint32Array, word0: number, word1: number): void {
  philox4x32([word0, word1, state[2]!, state[3]!], [state[0]!, state[1]!], state);
}
