import { ImagingError } from '../errors.js';
import { decodeJpegFrame } from '../jpeg/decode-jpeg.js';
import { readJpegFrameHeader } from '../jpeg/jpeg-frame-header.js';
import type { ReadLimits } from '../limits.js';
import { lumaOfInterleaved, lumaOfPlanes } from '../luma.js';
import { decodeRleLossless } from './decode-rle-lossless.js';
import { frameBytes } from './frame-bytes.js';
import type { ParsedDataSet } from './parse-data-set.js';
import type { PixelModule } from './pixel-module.js';
import { explicitBigEndian } from './transfer-syntaxes.js';

/**
 * One sample per pixel as it stands in its cell of BitsAllocated bits, before mask, sign and lookup tables; colour as luma.
 * [height * width], Uint8Array for 8 bits allocated, Uint16Array for 16.
 * @throws ImagingError DICOM_SYNTAX_UNSUPPORTED, DICOM_PIXELS_SHORT, CODEC_FAILED, CODEC_SIZE_MISMATCH and those of `frameBytes`
 */
export async function storedPixels(
  parsed: ParsedDataSet,
  module: PixelModule,
  limits: ReadLimits,
): Promise<Uint8Array | Uint16Array> {
  const { syntax } = parsed;
  switch (syntax.codec) {
    case undefined:
      throw new ImagingError(
        'DICOM_SYNTAX_UNSUPPORTED',
        `transfer syntax ${syntax.uid} (${syntax.name}) has no decoder here`,
      );
    case 'native':
      return nativePixels(parsed, module, limits);
    case 'rle':
      return rlePixels(frameBytes(parsed, limits), module);
    case 'jpeg-8':
      return jpegPixels(parsed, module, limits);
  }
}

function nativePixels(parsed: ParsedDataSet, module: PixelModule, limits: ReadLimits): Uint8Array | Uint16Array {
  const cells = module.width * module.height * module.samples;
  const bytesPerCell = module.bitsAllocated / 8;
  const stored = frameBytes(parsed, limits);
  if (stored.length < cells * bytesPerCell) {
    const need = `${module.height} x ${module.width} x ${module.samples} x ${bytesPerCell}`;
    throw new ImagingError(
      'DICOM_PIXELS_SHORT',
      `Pixel Data has ${stored.length} bytes, ${need} = ${cells * bytesPerCell} are needed`,
    );
  }
  const bigEndian = parsed.syntax.uid === explicitBigEndian;
  if (module.bitsAllocated === 16) return cells16(stored, cells, bigEndian);
  // 8-bit cells inside OW words come with their bytes swapped in a big endian file (PS3.5 A.3).
  const bytes = bigEndian && parsed.pixelData?.vr === 'OW' ? swappedPairs(stored, cells) : stored.subarray(0, cells);
  return module.samples === 1 ? bytes : colourToLuma(bytes, module);
}

function rlePixels(frame: Uint8Array, module: PixelModule): Uint8Array | Uint16Array {
  const pixels = module.width * module.height;
  const planes = decodeRleLossless(frame, pixels, (module.samples * module.bitsAllocated) / 8);
  if (module.samples === 3) return colourToLuma(planes, { ...module, planar: true });
  if (module.bitsAllocated === 8) return planes;
  const cells = new Uint16Array(pixels);
  for (let i = 0; i < pixels; i++) cells[i] = planes[i]! * 256 + planes[pixels + i]!;
  return cells;
}

async function jpegPixels(parsed: ParsedDataSet, module: PixelModule, limits: ReadLimits): Promise<Uint8Array> {
  const stream = frameBytes(parsed, limits);
  try {
    const frame = readJpegFrameHeader(stream);
    if (frame.process > 2 || frame.precision !== 8) {
      const found = `${parsed.syntax.uid} (${parsed.syntax.name}), JPEG process SOF${frame.process} with ${frame.precision} bits`;
      throw new ImagingError('DICOM_SYNTAX_UNSUPPORTED', `transfer syntax ${found} has no decoder here`);
    }
    const { width, height, components } = frame;
    if (width !== module.width || height !== module.height || components !== module.samples) {
      const stated = `${module.width} x ${module.height} x ${module.samples}`;
      throw new ImagingError(
        'CODEC_SIZE_MISMATCH',
        `the JPEG frame is ${width} x ${height} x ${components}, the header says ${stated}`,
      );
    }
    if (module.bitsAllocated !== 8)
      throw new ImagingError('DICOM_BAD_PIXEL_MODULE', `BitsAllocated ${module.bitsAllocated} with an 8-bit JPEG`);
    return (await decodeJpegFrame(stream, frame, limits, { orient: false })).data;
  } catch (thrown) {
    if (thrown instanceof ImagingError && thrown.code === 'IMAGE_CORRUPT') {
      throw new ImagingError('CODEC_FAILED', thrown.reason, { cause: thrown });
    }
    throw thrown;
  }
}

function colourToLuma(bytes: Uint8Array, module: PixelModule): Uint8Array {
  const pixels = module.width * module.height;
  if (module.photometric === 'YBR') {
    return module.planar ? bytes.subarray(0, pixels) : Uint8Array.from({ length: pixels }, (_, i) => bytes[3 * i]!);
  }
  const grey = new Uint8Array(pixels);
  return module.planar ? lumaOfPlanes(bytes, grey) : lumaOfInterleaved(bytes, 3, grey);
}

function cells16(stored: Uint8Array, cells: number, bigEndian: boolean): Uint16Array {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const out = new Uint16Array(cells);
  for (let i = 0; i < cells; i++) out[i] = view.getUint16(2 * i, !bigEndian);
  return out;
}

function swappedPairs(stored: Uint8Array, cells: number): Uint8Array {
  const out = new Uint8Array(cells);
  for (let i = 0; i < cells; i++) out[i] = stored[i ^ 1] ?? 0;
  return out;
}
