import { decodeJpeg2000 } from '../codecs/decode-jpeg-2000.js';
import { decodeJpegLs } from '../codecs/decode-jpeg-ls.js';
import { assertFrame, type DecodedFrame, type ExpectedFrame } from '../codecs/decoded-frame.js';
import { ImagingError } from '../errors.js';
import { decodeJpegSamples } from '../jpeg/decode-jpeg.js';
import { decodeJpegScans } from '../jpeg/decode-jpeg-scans.js';
import { asStatedRgb, readJpegFrameHeader } from '../jpeg/jpeg-frame-header.js';
import { assertFrameGrowth, type ReadLimits } from '../limits.js';
import { decodeRleLossless } from './decode-rle-lossless.js';
import { frameBytes } from './frame-bytes.js';
import { nativeCells } from './native-cells.js';
import type { ParsedDataSet } from './parse-data-set.js';
import type { PixelModule } from './pixel-module.js';
import { assertStoredBits, type CellBits, type Cells } from './stored-value.js';

/** Samples of the one frame as they stand in their cells, before mask and sign. */
export interface StoredCells {
  /** [height * width * samples], interleaved. */
  readonly cells: Cells;
  readonly bits: CellBits;
  /** What three samples of a pixel are. */
  readonly colour: 'RGB' | 'YBR' | undefined;
}

/**
 * The samples of the one frame, whatever its transfer syntax.
 * @throws ImagingError DICOM_SYNTAX_UNSUPPORTED, DICOM_PIXELS_SHORT, DICOM_BAD_PIXEL_MODULE, CODEC_FAILED, CODEC_SIZE_MISMATCH and
 * those of `frameBytes`
 */
export async function storedCells(
  parsed: ParsedDataSet,
  module: PixelModule,
  limits: ReadLimits,
): Promise<StoredCells> {
  const { codec, uid, name } = parsed.syntax;
  const inFile = { bits: module.bitsStored, shift: module.shift, signed: module.signed };
  const colour = module.samples === 1 ? undefined : module.photometric === 'RGB' ? 'RGB' : 'YBR';
  switch (codec) {
    case undefined:
      throw new ImagingError('DICOM_SYNTAX_UNSUPPORTED', `transfer syntax ${uid} (${name}) has no decoder here`);
    case 'native':
      return { cells: nativeCells(parsed, module, limits), bits: inFile, colour };
    case 'rle':
      return { cells: rleCells(compressedBytes(parsed, module, limits), module), bits: inFile, colour };
    case 'jpeg':
    case 'jpeg-ls':
    case 'jpeg-2000':
    case 'htj2k': {
      const frame = await decodeFrame(codec, compressedBytes(parsed, module, limits), module, limits);
      if (frame.precision > module.bitsAllocated)
        throw new ImagingError(
          'DICOM_BAD_PIXEL_MODULE',
          `BitsAllocated ${module.bitsAllocated} with a frame of ${frame.precision} bits`,
        );
      // The stream's own depth says where the sign bit is; HighBit does not apply to it (PS3.5 8.2).
      const bits = { bits: frame.precision, shift: 0, signed: module.signed };
      if (frame.precision > module.bitsStored) assertStoredBits(frame.samples, bits, module.bitsStored);
      return { cells: frame.samples, bits, colour: frame.toRgb && colour !== undefined ? 'RGB' : colour };
    }
  }
}

function compressedBytes(parsed: ParsedDataSet, module: PixelModule, limits: ReadLimits): Uint8Array {
  const stream = frameBytes(parsed, limits);
  const { width, height, samples, bitsAllocated } = module;
  assertFrameGrowth(stream.length, (width * height * samples * bitsAllocated) / 8, limits);
  return stream;
}

/** A frame, and whether its codec made RGB of what the stream holds. */
type Frame = DecodedFrame & { readonly toRgb?: boolean };

async function decodeFrame(
  codec: 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k',
  stream: Uint8Array,
  module: PixelModule,
  limits: ReadLimits,
): Promise<Frame> {
  const expected = { width: module.width, height: module.height, components: module.samples };
  try {
    if (codec === 'jpeg') return await jpegFrame(stream, expected, module.photometric === 'RGB', limits);
    if (codec === 'jpeg-ls') return await decodeJpegLs(stream, expected);
    return await decodeJpeg2000(stream, expected, codec);
  } catch (thrown) {
    // what a file of its own would be is here a frame within another file
    if (thrown instanceof ImagingError && (thrown.code === 'IMAGE_CORRUPT' || thrown.code === 'IMAGE_TYPE')) {
      throw new ImagingError('CODEC_FAILED', thrown.reason, { cause: thrown });
    }
    throw thrown;
  }
}

/** The frame header, not the transfer syntax, says which of JPEG's processes it is. */
async function jpegFrame(
  stream: Uint8Array,
  expected: ExpectedFrame,
  rgb: boolean,
  limits: ReadLimits,
): Promise<Frame> {
  const header = readJpegFrameHeader(stream);
  if (header.process > 2 || header.precision !== 8) return decodeJpegScans(stream, expected);
  assertFrame(header, expected, 'JPEG');
  const { channels, ...decoded } = await decodeJpegSamples(rgb ? asStatedRgb(stream) : stream, header, limits, {
    orient: false,
  });
  return { ...decoded, components: channels, precision: 8, signed: false, toRgb: true };
}

/** Byte planes, most significant first, sample after sample, to cells. */
function rleCells(frame: Uint8Array, module: PixelModule): Cells {
  const { width, height, samples, bitsAllocated } = module;
  if (bitsAllocated === 1) throw new ImagingError('DICOM_BAD_PIXEL_MODULE', 'BitsAllocated 1 with RLE Lossless');
  const pixels = width * height;
  const size = bitsAllocated / 8;
  const planes = decodeRleLossless(frame, pixels, samples * size);
  if (size === 1 && samples === 1) return planes;
  const Cell = size === 1 ? Uint8Array : size === 2 ? Uint16Array : Uint32Array;
  const cells = new Cell(pixels * samples);
  for (let sample = 0; sample < samples; sample++) {
    for (let byte = 0; byte < size; byte++) {
      const plane = (sample * size + byte) * pixels;
      for (let i = 0, at = sample; i < pixels; i++, at += samples) cells[at] = cells[at]! * 256 + planes[plane + i]!;
    }
  }
  return cells;
}
