import { ImagingError } from './errors.js';

/** Bounds that hold before memory is taken; each has its own error code. */
export interface ReadLimits {
  /** Largest file, bytes (FILE_LIMIT). */
  readonly fileBytes: number;
  /** Largest width x height (IMAGE_LIMIT). */
  readonly pixels: number;
  /** DICOM: Pixel Data must begin within this many bytes (DICOM_HEADER_LIMIT). */
  readonly headerBytes: number;
  /** DICOM: deepest nesting of sequences (DICOM_TOO_DEEP). */
  readonly sequenceDepth: number;
  /** DICOM: most elements before Pixel Data, nested ones counted (DICOM_TOO_MANY_ELEMENTS). */
  readonly elements: number;
  /** DICOM: largest inflated data set or decoded frame, bytes (DICOM_INFLATE_LIMIT). */
  readonly inflatedBytes: number;
  /** DICOM: largest inflated or decoded size as a multiple of the stored one; frames up to 32 MiB may be more (DICOM_INFLATE_LIMIT). */
  readonly inflateRatio: number;
}

const MiB = 1024 * 1024;

export const defaultReadLimits: ReadLimits = Object.freeze({
  fileBytes: 512 * MiB,
  pixels: 100_000_000,
  headerBytes: 16 * MiB,
  sequenceDepth: 64,
  elements: 100_000,
  inflatedBytes: 512 * MiB,
  inflateRatio: 200,
});

/** Defaults with the given limits in their place. */
export function resolveLimits(limits: Partial<ReadLimits> = {}): ReadLimits {
  return { ...defaultReadLimits, ...limits };
}

/** @throws ImagingError IMAGE_LIMIT when width x height is over the limit. */
export function assertPixelLimit(width: number, height: number, limits: ReadLimits): void {
  if (width * height > limits.pixels) {
    throw new ImagingError('IMAGE_LIMIT', `${width} x ${height} pixels, over the limit of ${limits.pixels}`);
  }
}

/**
 * Some codecs need no more than a header for any number of pixels, so a frame's size is held against the stream that is to fill it.
 * Small ones pass: an empty image may well be a few bytes.
 * @throws ImagingError DICOM_INFLATE_LIMIT
 */
export function assertFrameGrowth(streamBytes: number, frameBytes: number, limits: ReadLimits): void {
  const most = Math.min(limits.inflatedBytes, Math.max(32 * MiB, streamBytes * limits.inflateRatio));
  if (frameBytes > most) {
    throw new ImagingError(
      'DICOM_INFLATE_LIMIT',
      `a compressed frame of ${streamBytes} bytes would grow to ${frameBytes}, over the limit of ${most}`,
    );
  }
}
