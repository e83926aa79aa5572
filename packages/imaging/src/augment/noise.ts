import { philox4x32 } from '../random/philox.js';

/** Deviation of a sum of four bytes, each equally likely to be anything. */
const deviationOfSum = Math.sqrt((4 * (256 * 256 - 1)) / 12);

/**
 * Adds noise in place, independent for each pixel: the sum of four random bytes, which is nearly normal and ends at 3.5 deviations.
 * A pure function of the seed and the pixel's place.
 * @param deviation in grey levels
 */
export function addNoise(data: Uint8Array, deviation: number, seed: number): void {
  const key = Uint32Array.of(seed, 0x6e6f6973);
  const counter = new Uint32Array(4);
  const block = new Uint32Array(4);
  const scale = deviation / deviationOfSum;
  for (let i = 0; i < data.length; i += 4) {
    counter[0] = i;
    philox4x32(counter, key, block);
    for (let j = 0; j < 4 && i + j < data.length; j++) {
      const word = block[j]!;
      const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
      const value = Math.round(data[i + j]! + (sum - 510) * scale);
      data[i + j] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
}
