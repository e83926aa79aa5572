import { expect, test } from 'vitest';
import { createRandom } from '../random/create-random.js';
import { resizeArea, resizeBilinear } from '../resize/resize-image.js';
import { differenceHash, HASH_BITS } from './difference-hash.js';

/** Smooth blobs, as a film has. */
function blobs(seed: number, side = 96): { width: number; height: number; data: Uint8Array } {
  const random = createRandom(seed, 'blobs');
  const small = { width: 8, height: 8, data: Uint8Array.from({ length: 64 }, () => 30 + 190 * random.uniform()) };
  return resizeBilinear(small, side, side);
}

function distance(a: string, b: string): number {
  const bits = [...(BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2)];
  return bits.filter((bit) => bit === '1').length;
}

test('bits say where an image gets darker to the right', () => {
  const falling = { width: 17, height: 16, data: Uint8Array.from({ length: 272 }, (_, i) => 200 - (i % 17)) };
  expect(differenceHash(falling)).toBe('f'.repeat(HASH_BITS / 4));
  const rising = { ...falling, data: falling.data.map((value) => 255 - value) };
  expect(differenceHash(rising)).toBe('0'.repeat(HASH_BITS / 4));
  const step = { ...falling, data: falling.data.map((_, i) => (i === 0 ? 9 : 5)) };
  expect(differenceHash(step)).toBe('8'.padEnd(HASH_BITS / 4, '0'));
});

test('a copy in another size, with other brightness and contrast or with noise is near; another image is far', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const image = blobs(seed);
    const hash = differenceHash(image);
    const random = createRandom(seed, 'noise');
    const copies = [
      resizeArea(image, 61, 61),
      resizeBilinear(image, 200, 200),
      { ...image, data: image.data.map((value) => 20 + value * 0.7) },
      { ...image, data: image.data.map((value) => value + Math.round(3 * random.uniform() - 1.5)) },
    ];
    for (const copy of copies) expect(distance(hash, differenceHash(copy))).toBeLessThanOrEqual(16);
    expect(distance(hash, differenceHash(blobs(seed + 100)))).toBeGreaterThan(60);
  }
});
