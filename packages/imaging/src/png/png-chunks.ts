import { crc32 } from 'node:zlib';
import { ImagingError } from '../errors.js';

/** What the IHDR chunk says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA. */
  readonly colourType: number;
  readonly interlaced: boolean;
}

/** Kept when the file is handed to the decoder: what makes the samples, and the EXIF orientation. */
const kept = new Set(['IHDR', 'IDAT', 'IEND', 'eXIf']);
const critical = new Set([...kept, 'PLTE']);
const bitDepths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/**
 * Reads the IHDR chunk alone, so that limits can be checked before anything is allocated.
 * @throws ImagingError IMAGE_CORRUPT
 */
export function readPngHeader(bytes: Uint8Array): PngHeader {
  if (bytes.length < 33) throw corrupt(`the file ends inside the header (${bytes.length} bytes)`, bytes.length);
  const view = viewOf(bytes);
  if (view.getUint32(8) !== 13 || chunkType(bytes, 8) !== 'IHDR') throw corrupt('the first chunk is not IHDR', 8);
  const header = {
    width: view.getUint32(16),
    height: view.getUint32(20),
    bitDepth: bytes[24]!,
    colourType: bytes[25]!,
    interlaced: bytes[28] === 1,
  };
  const legal = bitDepths[header.colourType]?.includes(header.bitDepth) === true && bytes[26] === 0 && bytes[27] === 0;
  if (!legal || bytes[28]! > 1 || header.width === 0 || header.height === 0) {
    throw corrupt('IHDR holds values that no PNG has', 16);
  }
  return header;
}

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Left, top, and the steps between pixels and rows of Adam7's passes. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Bytes of the image data before compression: a filter byte before every row (PNG specification, 7.2 and 8.1). */
export function filteredLength({ width, height, bitDepth, colourType, interlaced }: PngHeader): number {
  const bits = channelsOf[colourType]! * bitDepth;
  const lengthOf = (columns: number, rows: number): number =>
    columns === 0 ? 0 : rows * (1 + Math.ceil((columns * bits) / 8));
  if (!interlaced) return lengthOf(width, height);
  return adam7.reduce(
    (sum, [x, y, dx, dy]) => sum + lengthOf(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
    0,
  );
}

/** A PNG whose chunks are whole. */
export interface CheckedPng {
  /**
   * A PNG of only the chunks that make the samples. Colour profiles, gamma, transparency and text do not reach the decoder:
   * values are taken as stored. A palette image is turned into a grey one of its indices, for the decoder would show an index
   * beyond the palette as black.
   */
  readonly clean: () => Uint8Array;
  /** RGB triples of a palette image. */
  readonly palette: Uint8Array | undefined;
}

/**
 * Walks all chunks up to IEND and checks every length and CRC. What follows IEND is ignored.
 * @throws ImagingError IMAGE_CORRUPT naming the chunk and its offset
 */
export function checkPngChunks(bytes: Uint8Array, header: PngHeader): CheckedPng {
  const view = viewOf(bytes);
  const parts: [start: number, end: number][] = [[0, 8]];
  let palette: Uint8Array | undefined;
  let data = 0;
  for (let at = 8, type = ''; type !== 'IEND';) {
    if (at + 12 > bytes.length) throw corrupt(`the file ends after ${bytes.length} bytes without IEND`, at);
    const length = view.getUint32(at);
    const end = at + 12 + length;
    type = chunkType(bytes, at);
    if (end > bytes.length) throw corrupt(`chunk ${type} needs ${end} bytes, the file has ${bytes.length}`, at);
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
      throw corrupt(`chunk ${type} has a wrong CRC`, at);
    if (kept.has(type)) push(parts, at, end);
    else if (!critical.has(type) && (bytes[at + 4]! & 0x20) === 0) throw corrupt(`unknown critical chunk ${type}`, at);
    if (type === 'PLTE') palette = bytes.subarray(at + 8, end - 4);
    if (type === 'IDAT') data += length;
    at = end;
  }
  if (data === 0) throw corrupt('no image data', bytes.length);
  const clean = (): Uint8Array => join(bytes, parts);
  if (header.colourType !== 3) return { clean, palette: undefined };
  if (palette === undefined || palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768) {
    throw corrupt('a palette image without a palette of 1 to 256 colours', 8);
  }
  return { clean: () => withGreyHeader(clean()), palette };
}

/** The chunks of a PNG that has been checked, before IEND. */
export function* pngChunks(png: Uint8Array): Generator<{ readonly type: string; readonly data: Uint8Array }> {
  const view = viewOf(png);
  for (let at = 8; ;) {
    const end = at + 12 + view.getUint32(at);
    const type = chunkType(png, at);
    if (type === 'IEND') return;
    yield { type, data: png.subarray(at + 8, end - 4) };
    at = end;
  }
}

function withGreyHeader(png: Uint8Array): Uint8Array {
  const grey = png.slice();
  grey[25] = 0; // colour type
  viewOf(grey).setUint32(29, crc32(grey.subarray(12, 29)));
  return grey;
}

function push(parts: [number, number][], start: number, end: number): void {
  const last = parts[parts.length - 1]!;
  if (last[1] === start) last[1] = end;
  else parts.push([start, end]);
}

function join(bytes: Uint8Array, parts: readonly [number, number][]): Uint8Array {
  if (parts.length === 1) return bytes.subarray(parts[0]![0], parts[0]![1]);
  const joined = new Uint8Array(parts.reduce((sum, [start, end]) => sum + end - start, 0));
  let at = 0;
  for (const [start, end] of parts) {
    joined.set(bytes.subarray(start, end), at);
    at += end - start;
  }
  return joined;
}

/** Four printable characters; anything else as `?`, so that a message stays readable. */
function chunkType(bytes: Uint8Array, at: number): string {
  const type = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!);
  return type.replace(/[^A-Za-z]/g, '?');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function corrupt(reason: string, offset: number): ImagingError {
  return new ImagingError('IMAGE_CORRUPT', `PNG: ${reason}`, { offset });
}
