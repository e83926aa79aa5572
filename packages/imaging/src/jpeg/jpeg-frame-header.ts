import { corrupt, readJpegSegment, type JpegSegment } from './jpeg-segments.js';

/** What the frame header (SOFn) of a JPEG or JPEG-LS stream says. */
export interface JpegFrameHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per sample: 8 or 12 with the cosine transform, 2..16 in Lossless and JPEG-LS. */
  readonly precision: number;
  /** 1 grey, 3 YCbCr or RGB, 4 CMYK. */
  readonly components: number;
  /** n of SOFn: 0 baseline, 1 extended, 2 progressive, 3 lossless ..., 55 JPEG-LS. */
  readonly process: number;
}

/**
 * Walks the marker segments up to the frame header (ITU-T T.81 B.2), so that limits and sizes can be checked before decoding.
 * @throws ImagingError IMAGE_CORRUPT
 */
export function readJpegFrameHeader(bytes: Uint8Array): JpegFrameHeader {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw corrupt('no start-of-image marker', 0);
  for (let at = 2; ;) {
    const segment = readJpegSegment(bytes, at);
    if (isFrame(segment.marker)) return frameHeaderOf(segment);
    if (segment.marker === 0xd9 || segment.marker === 0xda)
      throw corrupt('no frame header before the first scan', segment.offset);
    at = segment.next;
  }
}

/** SOF0..SOF15 without DHT, JPG and DAC, which lie between them; SOF55 (T.87). */
export function isFrame(marker: number): boolean {
  return marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc);
}

/** @throws ImagingError IMAGE_CORRUPT */
export function frameHeaderOf({ marker, offset, body }: JpegSegment): JpegFrameHeader {
  if (body.length < 6) throw corrupt('the frame header is too short', offset);
  const header = {
    precision: body[0]!,
    height: body[1]! * 256 + body[2]!,
    width: body[3]! * 256 + body[4]!,
    components: body[5]!,
    process: marker === 0xf7 ? 55 : marker & 0x0f,
  };
  if (header.width === 0 || header.height === 0) throw corrupt(`size ${header.width} x ${header.height}`, offset);
  return header;
}

/** Adobe's APP14 segment that says: no colour transform. */
const untransformed = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];

/**
 * A stream of three components of which DICOM says RGB: where the stream itself says nothing of its colours (neither a JFIF nor an
 * Adobe segment), decoders would take YCbCr, so it is made to say RGB.
 */
export function asStatedRgb(stream: Uint8Array): Uint8Array {
  for (let at = 2; ;) {
    const { marker, body, next } = readJpegSegment(stream, at);
    if (isFrame(marker)) break;
    const name = String.fromCharCode(...body.subarray(0, 5));
    if ((marker === 0xe0 && name === 'JFIF\0') || (marker === 0xee && name === 'Adobe')) return stream;
    at = next;
  }
  const stated = new Uint8Array(stream.length + untransformed.length);
  stated.set(stream.subarray(0, 2));
  stated.set(untransformed, 2);
  stated.set(stream.subarray(2), 2 + untransformed.length);
  return stated;
}
