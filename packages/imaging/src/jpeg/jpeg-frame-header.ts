import { ImagingError } from '../errors.js';

/** What the frame header (SOFn) of a JPEG stream says. */
export interface JpegFrameHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per sample: 8 in what libjpeg-turbo reads here, 12 in Extended, 2..16 in Lossless. */
  readonly precision: number;
  /** 1 grey, 3 YCbCr or RGB, 4 CMYK. */
  readonly components: number;
  /** Low four bits of the SOF marker: 0 baseline, 1 extended, 2 progressive, 3 lossless ... */
  readonly process: number;
}

/**
 * Walks the marker segments up to the frame header (ITU-T T.81 B.2), so that limits and sizes can be checked before decoding.
 * @throws ImagingError IMAGE_CORRUPT
 */
export function readJpegFrameHeader(bytes: Uint8Array): JpegFrameHeader {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw corrupt('no start-of-image marker', 0);
  let at = 2;
  for (;;) {
    if (at + 4 > bytes.length) throw corrupt('the file ends before its frame header', at);
    if (bytes[at] !== 0xff) throw corrupt('a marker was expected', at);
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1; // fill bytes before a marker are legal
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2; // TEM and RSTn stand alone
      continue;
    }
    const length = bytes[at + 2]! * 256 + bytes[at + 3]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (length < 2 || at + 2 + length > bytes.length) throw corrupt('a segment runs past the end of the file', at);
    if (isFrame) return frameHeader(bytes, at, length, marker & 0x0f);
    if (marker === 0xd9 || marker === 0xda) throw corrupt('no frame header before the first scan', at);
    at += 2 + length;
  }
}

function frameHeader(bytes: Uint8Array, at: number, length: number, process: number): JpegFrameHeader {
  if (length < 8) throw corrupt('the frame header is too short', at);
  const header = {
    precision: bytes[at + 4]!,
    height: bytes[at + 5]! * 256 + bytes[at + 6]!,
    width: bytes[at + 7]! * 256 + bytes[at + 8]!,
    components: bytes[at + 9]!,
    process,
  };
  if (header.width === 0 || header.height === 0) throw corrupt(`size ${header.width} x ${header.height}`, at);
  return header;
}

function corrupt(reason: string, offset: number): ImagingError {
  return new ImagingError('IMAGE_CORRUPT', `JPEG: ${reason}`, { offset });
}
