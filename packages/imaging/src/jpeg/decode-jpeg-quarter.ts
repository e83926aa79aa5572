import type { GreyImage8 } from '../grey-image.js';
import { zigzag } from './dct-scan.js';
import { readQuantisation } from './decode-jpeg-scans.js';
import { readHuffmanTables, type HuffmanTable } from './entropy-reader.js';
import { frameHeaderOf, isFrame } from './jpeg-frame-header.js';
import { readJpegSegment } from './jpeg-segments.js';
import { AHEAD, END, MAX_SIZE, numberOf, PLACES, quickCodes, stepsOf } from './quick-codes.js';

/** What the one scan of a plain grey stream is decoded by. */
interface GreyScan {
  readonly bytes: Uint8Array;
  /** Offset of the first entropy-coded byte. */
  readonly start: number;
  readonly width: number;
  readonly height: number;
  readonly quantisation: Uint16Array;
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
}

/**
 * The area average by four of an 8-bit grey sequential JPEG, straight from its coefficients: the mean of a 4 x 4 quarter of a block is a sum over those whose
 * frequencies are 0 or odd, so neither the block nor the full image is ever made. It differs from decoding and averaging by their roundings alone, 0.06 grey levels
 * on average, and takes a quarter of the time.
 * @returns undefined for any other stream, a size that is no multiple of four, and everything that is not as it should be: the full decoder has to judge it
 */
export function decodeJpegQuarter(bytes: Uint8Array): GreyImage8 | undefined {
  const scan = plainGreyScan(bytes);
  if (scan === undefined || scan.width % 4 !== 0 || scan.height % 4 !== 0) return undefined;
  const data = quarterBlocks(scan, EOI);
  return data === undefined ? undefined : { width: scan.width / 4, height: scan.height / 4, data };
}

/**
 * Whether the entropy-coded bytes of an 8-bit grey sequential JPEG are not those of its blocks: bits that are no code, a run that leaves its block, too few bytes or
 * too many. libjpeg takes what it finds of damaged bytes for another image, and does not look at what is left over.
 * @returns false for every other stream, too
 */
export function hasDamagedScan(bytes: Uint8Array): boolean {
  let scan: GreyScan | undefined;
  try {
    scan = plainGreyScan(bytes);
  } catch {
    return false; // libjpeg says what is wrong with a header
  }
  if (scan === undefined) return false;
  const [width, height] = [scan.width, scan.height].map((side) => 8 * Math.ceil(side / 8)) as [number, number];
  return quarterBlocks({ ...scan, width, height }) === undefined;
}

/** @throws ImagingError IMAGE_CORRUPT */
function plainGreyScan(bytes: Uint8Array): GreyScan | undefined {
  const huffman = new Map<number, HuffmanTable>();
  const quantisation = new Map<number, Uint16Array>();
  let size:
    { readonly width: number; readonly height: number; readonly id: number; readonly table: number } | undefined;
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  for (let at = 2; ;) {
    const segment = readJpegSegment(bytes, at);
    const { marker, body } = segment;
    at = segment.next;
    if (marker === 0xc4) readHuffmanTables(body, huffman, 15);
    else if (marker === 0xdb) readQuantisation(body, quantisation);
    else if (isFrame(marker)) {
      const { process, precision, components, width, height } = frameHeaderOf(segment);
      const plain = process <= 1 && precision === 8 && components === 1 && body.length === 9;
      if (size !== undefined || !plain || !isSampling(body[7]!)) return undefined;
      size = { width, height, id: body[6]!, table: body[8]! };
    } else if (marker === 0xda) {
      const tables = body[2]!;
      const whole = body.length === 6 && body[0] === 1 && body[3] === 0 && body[4] === 63 && body[5] === 0;
      if (!whole || size === undefined || body[1] !== size.id) return undefined;
      const dc = huffman.get(tables >> 4);
      const ac = huffman.get(16 + (tables & 15));
      const steps = quantisation.get(size.table);
      if (steps === undefined || !isDecodable(dc) || !isDecodable(ac)) return undefined;
      return { bytes, start: at, width: size.width, height: size.height, quantisation: steps, dc, ac };
    } else if (marker === 0xdd || marker === 0xd9) return undefined; // restart intervals; the end
  }
}

/** Factors from 1 to 4 across and down (T.81 B.2.2); of a single component they say nothing else. */
function isSampling(factors: number): boolean {
  const [across, down] = [factors >> 4, factors & 15];
  return across >= 1 && across <= 4 && down >= 1 && down <= 4;
}

/** A table without the code of ones alone, which T.81 annex C forbids and libjpeg refuses. */
function isDecodable(table: HuffmanTable | undefined): table is HuffmanTable {
  return table !== undefined && table[table.length - 1] === 0;
}

/** Second byte of the marker that ends an image. */
const EOI = 0xd9;
const LEVEL = 4;
/** Which of the sums a coefficient adds to: even in both directions, odd across, odd down, odd in both; the DC difference to a sum of its own. [PLACES] */
const SUMS = Uint8Array.from({ length: PLACES }, (_, k) =>
  k === 0 ? LEVEL : k < 64 ? (zigzag[k]! & 1) + 2 * ((zigzag[k]! >> 3) & 1) : 0,
);

/** What a coefficient counts for, [PLACES]: nothing where a frequency is even and not 0, nor beyond the block. */
function weightsOf(quantisation: Uint16Array): Float64Array {
  return Float64Array.from({ length: PLACES }, (_, k) =>
    k < 64 ? quantisation[k]! * halfMean(zigzag[k]! & 7) * halfMean(zigzag[k]! >> 3) : 0,
  );
}

/**
 * @param marker that has to come next; by default any
 * @returns [height / 4 * width / 4]; undefined for a scan that is not exactly as long as its blocks
 */
function quarterBlocks(
  { bytes, start, width, height, quantisation, dc, ac }: GreyScan,
  marker?: number,
): Uint8Array | undefined {
  const weights = weightsOf(quantisation);
  const levelWeight = weights[0]!;
  weights[0] = 1; // levels are added up as they are
  const codes = quickCodes(dc, ac);
  // An imported name is looked up anew at every use.
  const [shift, acTable, end] = [32 - AHEAD, 1 << AHEAD, END];
  const stride = width / 4;
  const out = new Uint8ClampedArray(stride * (height / 4));
  const sums = new Float64Array(5);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lastWord = bytes.length - 4;
  // The stream's next bits, from the top: `count` of them, the last `lacking` of which are none of it, then perhaps some more of it.
  let bits = 0;
  let count = 0;
  let lacking = 0;
  let at = start;
  for (let row = 0; 8 * row < height; row++) {
    for (let column = 0; 8 * column < width; column++) {
      sums[0] = sums[1] = sums[2] = sums[3] = 0;
      let table = 0;
      let size = 0; // of a number whose code has been read
      let k = 0;
      while (k < 64) {
        const word = at <= lastWord ? view.getInt32(at) : -1;
        if (((~word - 0x01010101) & word & 0x80808080) === 0) {
          // No byte of it is 0xff: as many as there is room for.
          bits |= word >>> count;
          at += (32 - count) >> 3;
          count += (32 - count) & 56;
        } else if (count < 25) {
          bits &= ~(-1 >>> count);
          for (; count < 25; count += 8) {
            const byte = bytes[at];
            if (byte === undefined || (byte === 0xff && bytes[at + 1] !== 0)) {
              lacking += 8;
            } else {
              bits |= byte << (24 - count);
              at += byte === 0xff ? 2 : 1;
            }
          }
        }
        let value: number;
        if (size > 0) {
          value = numberOf(bits >>> (32 - size), size);
          bits <<= size;
          count -= size;
          size = 0;
        } else {
          const code = codes[table + (bits >>> shift)]!;
          value = code >> 16;
          if (code !== 0) {
            bits <<= code; // by its lowest five bits
            count -= code & 31;
            k += (code >> 5) & 255;
          } else {
            const entry = (k === 0 ? dc : ac)[bits >>> 16]!;
            if (entry === 0) return undefined;
            bits <<= entry >> 8;
            count -= entry >> 8;
            size = k === 0 ? entry & 255 : entry & 15;
            if (size > MAX_SIZE) return undefined;
            if (k > 0) k += stepsOf(entry & 255);
            if (size > 0 && k < 64) continue;
          }
        }
        sums[SUMS[k]!]! += value * weights[k]!;
        table = acTable;
        k++;
      }
      const beyond = k > 64 && k <= end; // a run that leaves the block
      if (beyond || count < lacking) return undefined;
      const mean = sums[LEVEL]! * levelWeight + sums[0] + 128;
      const [oddAcross, oddDown, odd] = [sums[1], sums[2], sums[3]];
      const to = 2 * row * stride + 2 * column;
      const right = 2 * column + 1 < stride;
      out[to] = mean + oddAcross + oddDown + odd;
      if (right) out[to + 1] = mean - oddAcross + oddDown - odd;
      if (8 * row + 4 >= height) continue;
      out[to + stride] = mean + oddAcross - oddDown - odd;
      if (right) out[to + stride + 1] = mean - oddAcross - oddDown + odd;
    }
  }
  const next = bytes[at + 1];
  const over = count - lacking >= 8 || bytes[at] !== 0xff || (marker !== undefined && next !== marker);
  return over ? undefined : new Uint8Array(out.buffer);
}

/** Mean over the first half of an 8-point inverse transform's basis function (T.81 A.3.3); that over the second is the same, negative for odd ones. */
function halfMean(u: number): number {
  if (u === 0) return Math.SQRT1_2 / 2;
  if (u % 2 === 0) return 0;
  let sum = 0;
  for (let x = 0; x < 4; x++) sum += Math.cos(((2 * x + 1) * u * Math.PI) / 16);
  return sum / 8;
}
