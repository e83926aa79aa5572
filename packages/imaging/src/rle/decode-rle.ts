import { ImagingError, toImagingError } from '../errors.js';
import { assertSize } from '../grey-image.js';
import { parseRle } from './parse-rle.js';
import { assertRuns, type RleFormat, type RleOrder, type Run } from './run.js';

export interface DecodeRleOptions extends RleFormat {
  /** Default `column`. */
  readonly order?: RleOrder | undefined;
}

/**
 * The union of all rows of one image as a mask in image coordinates.
 * @param rows texts, each parsed on its own (an image may have several rows, one per part), or the runs of one row
 * @returns row-major, 1 inside and 0 outside, [height * width]
 * @throws ImagingError RLE_INVALID; the message counts the rows given from 1
 */
export function decodeRle(rows: readonly string[] | readonly Run[], options: DecodeRleOptions): Uint8Array {
  assertSize(options, 'mask');
  const { width, height } = options;
  const flat = new Uint8Array(width * height);
  if (isTexts(rows)) {
    rows.forEach((text, i) => {
      try {
        fill(flat, parseRle(text, options));
      } catch (thrown) {
        const error = toImagingError(thrown, 'RLE_INVALID', 'RLE');
        throw rows.length === 1
          ? error
          : new ImagingError(error.code, `row ${i + 1}: ${error.reason}`, { offset: error.offset });
      }
    });
  } else {
    assertRuns(rows, flat.length);
    fill(flat, rows);
  }
  return options.order === 'row' ? flat : transpose(flat, height, width);
}

function isTexts(rows: readonly string[] | readonly Run[]): rows is readonly string[] {
  return rows.every((row) => typeof row === 'string');
}

function fill(flat: Uint8Array, runs: readonly Run[]): void {
  for (const { start, length } of runs) flat.fill(1, start, start + length);
}

/** [rows, columns] -> [columns, rows] with `inner` the fast axis of the input. */
export function transpose(data: Uint8Array, inner: number, outer: number): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) out[i * outer + o] = data[o * inner + i]!;
  return out;
}
