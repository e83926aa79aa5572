import { assertImageSize } from '../grey-image.js';
import { transpose, type DecodeRleOptions } from './decode-rle.js';
import type { RleOrder, Run } from './run.js';

/**
 * A mask as run-length text, the inverse of `decodeRle`; no mask is `-1` (relative) or empty text (absolute).
 * @param mask row-major, anything but 0 is inside, [height * width]
 */
export function encodeRle(mask: Uint8Array, options: DecodeRleOptions): string {
  const runs = runsOfMask(mask, options.width, options.height, options.order);
  if (runs.length === 0) return options.relative ? '-1' : '';
  let end = 0;
  return runs
    .map(({ start, length }) => {
      const first = options.relative ? start - end : start + 1;
      end = start + length;
      return `${first} ${length}`;
    })
    .join(' ');
}

/** The runs of a mask, longest possible, in order; starts count from 0. */
export function runsOfMask(mask: Uint8Array, width: number, height: number, order: RleOrder = 'column'): Run[] {
  assertImageSize({ width, height, data: mask }, 'mask');
  const flat = order === 'row' ? mask : transpose(mask, width, height);
  const runs: Run[] = [];
  for (let at = 0; at < flat.length; at++) {
    if (flat[at] === 0) continue;
    const start = at;
    while (at < flat.length && flat[at] !== 0) at++;
    runs.push({ start, length: at - start });
  }
  return runs;
}
