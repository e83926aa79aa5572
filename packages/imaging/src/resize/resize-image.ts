import { assertImageSize, assertSize, type GreyData, type Size } from '../grey-image.js';
import { areaTaps, linearTaps, type AxisTaps } from './axis-taps.js';

/** Anything with a size and grey values, such as GreyImage8. */
export interface Resizable extends Size {
  readonly data: GreyData;
}

/**
 * Exact area average, the way every downscale is done here: each target pixel is the mean of the source area it covers. Integer
 * data is summed exactly and rounded half up once, so results do not depend on the machine. Upwards it repeats pixels.
 * @returns [height * width] in the same kind of array; other fields of the image (such as `range`) are kept
 * @throws ImagingError ARGUMENT_INVALID
 */
export function resizeArea<I extends Resizable>(image: I, width: number, height: number): I {
  return resizeBy(image, areaTaps, areaTaps, { width, height });
}

/** Bilinear interpolation (pixel centres at half numbers, edges held), for scaling up; as exact as {@link resizeArea}. */
export function resizeBilinear<I extends Resizable>(image: I, width: number, height: number): I {
  return resizeBy(image, linearTaps, linearTaps, { width, height });
}

/** Area average along an axis that shrinks, bilinear along one that grows. */
export function resizeImage<I extends Resizable>(image: I, width: number, height: number): I {
  const x = width <= image.width ? areaTaps : linearTaps;
  const y = height <= image.height ? areaTaps : linearTaps;
  return resizeBy(image, x, y, { width, height });
}

type MakeTaps = (source: number, target: number) => AxisTaps;

function resizeBy<I extends Resizable>(image: I, makeX: MakeTaps, makeY: MakeTaps, size: Size): I {
  assertImageSize(image);
  assertSize(size, 'target size');
  const { width, height } = size;
  const whole = wholeFactors(image, size);
  if (whole !== undefined && makeX === areaTaps && makeY === areaTaps && image.data instanceof Uint8Array)
    return { ...image, width, height, data: blockMeans(image.data, image.width, size, whole) };
  const x = makeX(image.width, width);
  const y = makeY(image.height, height);
  const total = x.total * y.total;
  const data = emptyLike(image.data, width * height);
  const rounded = !(data instanceof Float32Array);
  weightedRows(image.data, x, y, (sums, row) => {
    const at = row * width;
    if (rounded) for (let i = 0; i < width; i++) data[at + i] = Math.floor((2 * sums[i]! + total) / (2 * total));
    else for (let i = 0; i < width; i++) data[at + i] = sums[i]! / total;
  });
  return { ...image, width, height, data };
}

function wholeFactors(from: Size, to: Size): Size | undefined {
  const [width, height] = [from.width / to.width, from.height / to.height];
  return Number.isInteger(width) && Number.isInteger(height) ? { width, height } : undefined;
}

/** Area average by whole factors, 1024 to 256 say: what the weighted sums give, without weights. */
function blockMeans(data: Uint8Array, stride: number, { width, height }: Size, block: Size): Uint8Array {
  const out = new Uint8Array(width * height);
  if (block.width === 4 && block.height === 4 && packable(data, stride, block)) {
    meansOf16(data, stride, width, out);
    return out;
  }
  const count = block.width * block.height;
  const sums = packable(data, stride, block)
    ? packedSums(data, stride, width, block)
    : plainSums(data, stride, width, block);
  for (let j = 0; j < height; j++) {
    const row = sums(j);
    for (let i = 0; i < width; i++) out[j * width + i] = Math.floor((2 * row[i]! + count) / (2 * count));
  }
  return out;
}

/** Sums of the blocks of one target row, [width]. */
type BlockSums = (row: number) => ArrayLike<number>;

function plainSums(data: Uint8Array, stride: number, width: number, block: Size): BlockSums {
  const sums = new Float64Array(width); // whole numbers, exact far beyond any image
  return (row) => {
    sums.fill(0);
    for (let k = 0; k < block.height; k++) {
      let at = (row * block.height + k) * stride;
      for (let i = 0; i < width; i++) {
        let sum = 0;
        for (const end = at + block.width; at < end; at++) sum += data[at]!;
        sums[i]! += sum;
      }
    }
    return sums;
  };
}

/** Whether blocks begin at words of four pixels, and half a block's sum fits 16 bits. */
function packable(data: Uint8Array, stride: number, block: Size): boolean {
  const aligned = data.byteOffset % 4 === 0 && stride % 4 === 0 && block.width % 4 === 0;
  return aligned && (block.width / 2) * block.height * 255 < 2 ** 16;
}

/** Four pixels at a time, as two sums of 16 bits in one number. */
function packedSums(data: Uint8Array, stride: number, width: number, block: Size): BlockSums {
  const words = new Uint32Array(data.buffer, data.byteOffset, Math.floor(data.length / 4));
  const sums = new Int32Array(width);
  return (row) => {
    sums.fill(0);
    for (let k = 0; k < block.height; k++) {
      let at = ((row * block.height + k) * stride) / 4;
      for (let i = 0; i < width; i++) {
        let sum = 0;
        for (const end = at + block.width / 4; at < end; at++) {
          const four = words[at]!;
          sum += (four & 0x00ff00ff) + ((four >>> 8) & 0x00ff00ff);
        }
        sums[i]! += sum;
      }
    }
    for (let i = 0; i < width; i++) sums[i] = (sums[i]! & 0xffff) + (sums[i]! >>> 16);
    return sums;
  };
}

/** Blocks of 4 x 4, the usual ones, with all of a block in registers. */
function meansOf16(data: Uint8Array, stride: number, width: number, out: Uint8Array): void {
  const words = new Int32Array(data.buffer, data.byteOffset, Math.floor(data.length / 4));
  const step = stride / 4;
  for (let to = 0, row = 0; to < out.length; row += 4 * step) {
    for (let at = row; at < row + width; at++, to++) {
      const [a, b, c, d] = [words[at]!, words[at + step]!, words[at + 2 * step]!, words[at + 3 * step]!];
      const even = (a & 0x00ff00ff) + (b & 0x00ff00ff) + (c & 0x00ff00ff) + (d & 0x00ff00ff);
      const odd =
        ((a >>> 8) & 0x00ff00ff) + ((b >>> 8) & 0x00ff00ff) + ((c >>> 8) & 0x00ff00ff) + ((d >>> 8) & 0x00ff00ff);
      const sums = even + odd;
      out[to] = ((sums & 0xffff) + (sums >>> 16) + 8) >> 4;
    }
  }
}

/**
 * Calls `use` with the weighted sums of each target row, [x.target], to be divided by x.total * y.total.
 * @param data [y.source * x.source]
 */
export function weightedRows(
  data: ArrayLike<number>,
  x: AxisTaps,
  y: AxisTaps,
  use: (sums: Float64Array, row: number) => void,
): void {
  const sums = new Float64Array(x.target);
  // Source rows summed along x; neighbouring target rows share at most the last two.
  const rows = [new Float64Array(x.target), new Float64Array(x.target)] as const;
  const held = [-1, -1];
  for (let j = 0; j < y.target; j++) {
    sums.fill(0);
    for (let k = y.offsets[j]!, source = y.first[j]!; k < y.offsets[j + 1]!; k++, source++) {
      const slot = (source & 1) as 0 | 1;
      const row = rows[slot];
      if (held[slot] !== source) {
        sumAlongX(data, source * x.source, x, row);
        held[slot] = source;
      }
      const weight = y.weights[k]!;
      for (let i = 0; i < sums.length; i++) sums[i]! += weight * row[i]!;
    }
    use(sums, j);
  }
}

function sumAlongX(data: ArrayLike<number>, rowStart: number, x: AxisTaps, out: Float64Array): void {
  const { first, offsets, weights } = x;
  let k = 0;
  for (let i = 0; i < out.length; i++) {
    const end = offsets[i + 1]!;
    let at = rowStart + first[i]!;
    let sum = 0;
    for (; k < end; k++) sum += weights[k]! * data[at++]!;
    out[i] = sum;
  }
}

function emptyLike(data: GreyData, length: number): GreyData {
  if (data instanceof Uint8Array) return new Uint8Array(length);
  return data instanceof Uint16Array ? new Uint16Array(length) : new Float32Array(length);
}
