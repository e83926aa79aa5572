import { assertImageSize, assertSize, type Size } from '../grey-image.js';
import { areaTaps } from './axis-taps.js';
import { weightedRows } from './resize-image.js';

/**
 * The value of the source pixel under each target pixel's centre: no new values, so it also suits label maps.
 * @param mask row-major, [from.height * from.width]
 */
export function resizeMaskNearest(mask: Uint8Array, from: Size, to: Size): Uint8Array {
  assertImageSize({ ...from, data: mask }, 'mask');
  assertSize(to, 'target size');
  const out = new Uint8Array(to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    const row = Math.floor(((2 * y + 1) * from.height) / (2 * to.height)) * from.width;
    for (let x = 0; x < to.width; x++)
      out[y * to.width + x] = mask[row + Math.floor(((2 * x + 1) * from.width) / (2 * to.width))]!;
  }
  return out;
}

/**
 * 1 where at least half of the target pixel's area is inside the mask, exactly counted, else 0.
 * @param mask row-major, anything but 0 is inside, [from.height * from.width]
 */
export function resizeMaskArea(mask: Uint8Array, from: Size, to: Size): Uint8Array {
  const covered = maskCoverage(mask, from, to);
  return Uint8Array.from(covered, (fraction) => (fraction >= 0.5 ? 1 : 0));
}

/** The fraction of each target pixel's area that is inside the mask, 0..1, [to.height * to.width]. */
export function maskCoverage(mask: Uint8Array, from: Size, to: Size): Float32Array {
  assertImageSize({ ...from, data: mask }, 'mask');
  assertSize(to, 'target size');
  const binary = mask.map((value) => (value === 0 ? 0 : 1));
  const x = areaTaps(from.width, to.width);
  const y = areaTaps(from.height, to.height);
  const out = new Float32Array(to.width * to.height);
  weightedRows(binary, x, y, (sums, row) => {
    for (let i = 0; i < to.width; i++) out[row * to.width + i] = sums[i]! / (x.total * y.total);
  });
  return out;
}
