import { ImagingError } from '../errors.js';
import { assertImageSize, type GreyImage8, type Size } from '../grey-image.js';
import type { Box } from './box.js';

/** What counts as a border. */
export interface BorderOptions {
  /** Largest distance from black or white, grey levels. Default 8. */
  readonly tolerance?: number | undefined;
  /** Share of a line's pixels that must be that near. Default 0.995: a marker's corner or a hair of noise does not end a border. */
  readonly share?: number | undefined;
  /** Largest share of a side that borders may take in all; beyond it nothing is cut, since the image itself is flat. Default 0.5. */
  readonly most?: number | undefined;
}

/**
 * The part of an image inside burned-in borders: rows and columns at the edges that are black or white from end to end (collimator
 * blades, scanner frames, the bars that screenshots and padding leave). Grey lines are never a border.
 * @returns whole pixels; the whole image when there is no border
 * @throws ImagingError ARGUMENT_INVALID
 */
export function insideBorders(image: GreyImage8, options: BorderOptions = {}): Box {
  assertImageSize(image);
  const { width, height, data } = image;
  const { tolerance = 8, share = 0.995, most = 0.5 } = options;
  const whole = { x: 0, y: 0, width, height };
  let [left, upper, right, lower] = [0, 0, width, height];
  // What is cut off one way can lay bare a border the other way: a frame in a frame, a bar between two bars.
  for (let before = ''; before !== [left, upper, right, lower].join();) {
    before = [left, upper, right, lower].join();
    const flatRow = (y: number) => isFlat(data, y * width + left, 1, right - left, tolerance, share);
    [upper, lower] = flatEnds(upper, lower, flatRow);
    const flatColumn = (x: number) => isFlat(data, upper * width + x, width, lower - upper, tolerance, share);
    [left, right] = flatEnds(left, right, flatColumn);
    if (lower - upper < (1 - most) * height || right - left < (1 - most) * width) return whole;
  }
  return { x: left, y: upper, width: right - left, height: lower - upper };
}

/** The part of an image in a box of whole pixels that lies inside it. */
export function cropImage(image: GreyImage8, { x, y, width, height }: Box): GreyImage8 {
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const at = (y + row) * image.width + x;
    data.set(image.data.subarray(at, at + width), row * width);
  }
  return { width, height, data };
}

/** Of lines from `first` on, before `last`: the first that is not flat, and the one after the last. */
function flatEnds(first: number, last: number, isFlatAt: (line: number) => boolean): readonly [number, number] {
  while (first < last && isFlatAt(first)) first++;
  while (last > first && isFlatAt(last - 1)) last--;
  return [first, last];
}

/** Whether nearly all of a line's pixels are nearly black, or nearly all nearly white. */
function isFlat(
  data: Uint8Array,
  start: number,
  step: number,
  count: number,
  tolerance: number,
  share: number,
): boolean {
  let black = 0;
  let white = 0;
  for (let i = 0, at = start; i < count; i++, at += step) {
    if (data[at]! <= tolerance) black++;
    else if (data[at]! >= 255 - tolerance) white++;
  }
  return Math.max(black, white) >= share * count;
}

/** The way back from {@link cropImage}: numbers of a part in their place in the whole, 0 around it. [height * width] */
export function pasteMap(part: Float32Array, { x, y, width, height }: Box, whole: Size): Float32Array {
  if (part.length !== width * height)
    throw new ImagingError('ARGUMENT_INVALID', `${part.length} numbers for ${width} x ${height}`);
  if (width === whole.width && height === whole.height) return part;
  const out = new Float32Array(whole.width * whole.height);
  for (let row = 0; row < height; row++)
    out.set(part.subarray(row * width, (row + 1) * width), (y + row) * whole.width + x);
  return out;
}
