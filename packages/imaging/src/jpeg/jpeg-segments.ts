import { ImagingError } from '../errors.js';

/** One marker segment of a JPEG stream; `body` leaves the marker and the length out. */
export interface JpegSegment {
  readonly marker: number;
  /** Offset of the marker. */
  readonly offset: number;
  readonly body: Uint8Array;
  /** Offset of what follows. */
  readonly next: number;
}

/**
 * The segment at `offset`, fill bytes and markers that stand alone (TEM, RSTn) skipped (ITU-T T.81 B.1.1). An EOI has an empty body.
 * @throws ImagingError IMAGE_CORRUPT when there is none, or it runs past the end
 */
export function readJpegSegment(bytes: Uint8Array, offset: number): JpegSegment {
  let at = offset;
  for (;;) {
    if (at + 2 > bytes.length) throw corrupt('the stream ends before its last marker', at);
    if (bytes[at] !== 0xff) throw corrupt('a marker was expected', at);
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at += 1;
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
    } else if (marker === 0xd9) {
      return { marker, offset: at, body: bytes.subarray(at + 2, at + 2), next: at + 2 };
    } else {
      if (at + 4 > bytes.length) throw corrupt('the stream ends inside a marker segment', at);
      const next = at + 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
      if (next < at + 4 || next > bytes.length) throw corrupt('a segment runs past the end of the file', at);
      return { marker, offset: at, body: bytes.subarray(at + 4, next), next };
    }
  }
}

export function corrupt(reason: string, offset?: number): ImagingError {
  return new ImagingError('IMAGE_CORRUPT', `JPEG: ${reason}`, { offset });
}
