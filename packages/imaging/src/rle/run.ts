import { ImagingError } from '../errors.js';
import type { Size } from '../grey-image.js';

/** A run of mask pixels in flat order: `start` counts from 0, whatever the text it came from counts from. */
export interface Run {
  readonly start: number;
  readonly length: number;
}

/** How run-length text counts. */
export interface RleFormat extends Size {
  /**
   * true (SIIM-ACR): a start is the gap since the end of the run before, the first counted from 0, and `-1` stands for no mask.
   * false (Kaggle, COCO-like): a start is the absolute pixel number, counted from 1, and empty text stands for no mask.
   */
  readonly relative: boolean;
}

/** The order of flat pixel numbers: down the columns (all the formats named here), or along the rows. */
export type RleOrder = 'column' | 'row';

/** @throws ImagingError RLE_INVALID unless the runs are whole, in order, apart or touching, and inside `pixels` */
export function assertRuns(runs: readonly Run[], pixels: number): void {
  let end = 0;
  runs.forEach(({ start, length }, i) => {
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(length) || start < 0 || length < 1) {
      throw new ImagingError('RLE_INVALID', `run ${i + 1} (${start}, ${length}) is not whole and positive`);
    }
    if (start < end)
      throw new ImagingError('RLE_INVALID', `run ${i + 1} starts at ${start}, before the end ${end} of the run before`);
    end = start + length;
    if (end > pixels)
      throw new ImagingError('RLE_INVALID', `run ${i + 1} ends at ${end}, past the last of ${pixels} pixels`);
  });
}
