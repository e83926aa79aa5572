import type { Resizable } from '../resize/resize-image.js';
import { resizeArea } from '../resize/resize-image.js';

const SIDE = 16;
/** Bits of a hash. */
export const HASH_BITS = SIDE * SIDE;

/**
 * Difference hash (Krawetz 2013, "Kind of like that") of 16 x 16 bits: is each pixel of the image at 17 x 16 brighter than its right neighbour? Equal for an image
 * and its copies in another size, format, compression, brightness or contrast; not for a rotated, mirrored or cropped one.
 * @returns 64 hexadecimal digits, row by row from the top left corner
 */
export function differenceHash(image: Resizable): string {
  const { data } = resizeArea(image, SIDE + 1, SIDE);
  let hash = '';
  for (let y = 0; y < SIDE; y++) {
    let row = 0;
    for (let x = 0; x < SIDE; x++) {
      const at = y * (SIDE + 1) + x;
      row = row * 2 + (data[at]! > data[at + 1]! ? 1 : 0);
    }
    hash += row.toString(16).padStart(SIDE / 4, '0');
  }
  return hash;
}
