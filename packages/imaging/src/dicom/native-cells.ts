import { ImagingError } from '../errors.js';
import type { ReadLimits } from '../limits.js';
import { frameBytes } from './frame-bytes.js';
import type { ParsedDataSet } from './parse-data-set.js';
import type { PixelModule } from './pixel-module.js';
import type { Cells } from './stored-value.js';
import { explicitBigEndian } from './transfer-syntaxes.js';

/**
 * Cells of uncompressed Pixel Data (PS3.5 8.1.1): [height * width * samples], interleaved whatever the planar configuration.
 * @throws ImagingError DICOM_PIXELS_SHORT, DICOM_BAD_PIXEL_MODULE and those of `frameBytes`
 */
export function nativeCells(parsed: ParsedDataSet, module: PixelModule, limits: ReadLimits): Cells {
  const { width, height, samples, bitsAllocated, photometric } = module;
  const pixels = width * height;
  const halved = photometric === 'YBR_FULL_422'; // two pixels share their chroma: Y Y Cb Cr
  if (halved && (width % 2 === 1 || bitsAllocated !== 8))
    throw new ImagingError('DICOM_BAD_PIXEL_MODULE', `YBR_FULL_422 of ${width} columns and ${bitsAllocated} bits`);
  const cells = halved ? pixels * 2 : pixels * samples;
  const stored = frameBytes(parsed, limits);
  const need = Math.ceil((cells * bitsAllocated) / 8);
  if (stored.length < need) {
    throw new ImagingError(
      'DICOM_PIXELS_SHORT',
      `Pixel Data has ${stored.length} bytes; ${height} x ${width} x ${cells / pixels} of ${bitsAllocated} bits need ${need}`,
    );
  }
  const bigEndian = parsed.syntax.uid === explicitBigEndian;
  if (bitsAllocated === 16 || bitsAllocated === 32) {
    const wide = bitsAllocated === 16 ? cells16(stored, cells, bigEndian) : cells32(stored, cells, bigEndian);
    return samples === 3 && module.planar ? interleaved(wide, new Uint16Array(cells)) : wide;
  }
  // Bytes inside OW words come swapped in a big endian file (PS3.5 A.3).
  const bytes = bigEndian && parsed.pixelData?.vr === 'OW' ? swappedPairs(stored, need) : stored.subarray(0, need);
  if (bitsAllocated === 1) return Uint8Array.from({ length: cells }, (_, i) => (bytes[i >> 3]! >> (i & 7)) & 1);
  if (halved) return wholeChroma(bytes, pixels);
  return samples === 3 && module.planar ? interleaved(bytes, new Uint8Array(cells)) : bytes;
}

function cells16(stored: Uint8Array, cells: number, bigEndian: boolean): Uint16Array {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const out = new Uint16Array(cells);
  for (let i = 0; i < cells; i++) out[i] = view.getUint16(2 * i, !bigEndian);
  return out;
}

function cells32(stored: Uint8Array, cells: number, bigEndian: boolean): Uint32Array {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const out = new Uint32Array(cells);
  for (let i = 0; i < cells; i++) out[i] = view.getUint32(4 * i, !bigEndian);
  return out;
}

function swappedPairs(stored: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = stored[i ^ 1] ?? 0;
  return out;
}

/** Three planes to three samples a pixel. */
function interleaved<T extends Cells>(planes: Cells, out: T): T {
  const pixels = out.length / 3;
  for (let i = 0, at = 0; i < pixels; i++)
    for (let sample = 0; sample < 3; sample++) out[at++] = planes[sample * pixels + i]!;
  return out;
}

/** Y0 Y1 Cb Cr to Y0 Cb Cr Y1 Cb Cr. */
function wholeChroma(bytes: Uint8Array, pixels: number): Uint8Array {
  const out = new Uint8Array(pixels * 3);
  for (let i = 0, at = 0; i < pixels; i++) {
    const pair = (i >> 1) * 4;
    out[at++] = bytes[pair + (i & 1)]!;
    out[at++] = bytes[pair + 2]!;
    out[at++] = bytes[pair + 3]!;
  }
  return out;
}
