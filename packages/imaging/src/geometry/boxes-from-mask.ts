import { assertImageSize } from '../grey-image.js';
import type { Box } from './box.js';

/** The bounding box of one connected part of a mask, and how many pixels the part has. */
export interface MaskPart extends Box {
  readonly area: number;
}

/**
 * One box for every connected part (8 neighbours) of at least `minArea` pixels, in the order of the parts' first pixels, row by
 * row: the boxes "fitted" to masks for joint training.
 * @param mask row-major, anything but 0 is inside, [height * width]
 */
export function boxesFromMask(mask: Uint8Array, width: number, height: number, minArea = 1): MaskPart[] {
  assertImageSize({ width, height, data: mask }, 'mask');
  const seen = new Uint8Array(mask.length);
  const parts: MaskPart[] = [];
  const pending: number[] = [];
  for (let first = 0; first < mask.length; first++) {
    if (mask[first] === 0 || seen[first] === 1) continue;
    let left = width;
    let right = 0;
    let bottom = 0;
    let area = 0;
    seen[first] = 1;
    pending.push(first);
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const x = at % width;
      const y = (at - x) / width;
      area++;
      left = Math.min(left, x);
      right = Math.max(right, x);
      bottom = Math.max(bottom, y);
      for (let ny = Math.max(0, y - 1); ny <= y + 1 && ny < height; ny++) {
        for (let nx = Math.max(0, x - 1); nx <= x + 1 && nx < width; nx++) {
          const next = ny * width + nx;
          if (mask[next] === 0 || seen[next] === 1) continue;
          seen[next] = 1;
          pending.push(next);
        }
      }
    }
    const top = Math.floor(first / width); // the first pixel found row by row is a topmost one
    if (area >= minArea) parts.push({ x: left, y: top, width: right - left + 1, height: bottom - top + 1, area });
  }
  return parts;
}
