import sharp, { type Sharp } from 'sharp';
import { ImagingError, toImagingError } from '../errors.js';
import type { GreyImage8, Size } from '../grey-image.js';
import { assertPixelLimit, type ReadLimits } from '../limits.js';
import { lumaOfInks, lumaOfInterleaved } from '../luma.js';
import { hasDamagedScan } from './decode-jpeg-quarter.js';
import { readJpegFrameHeader, type JpegFrameHeader } from './jpeg-frame-header.js';

/**
 * Baseline, extended 8-bit or progressive JPEG to 8-bit grey, at full size (never scaled in the DCT domain, so that values do
 * not depend on the target size). Colour becomes Rec. 601 luma; colour profiles are ignored; the EXIF orientation is applied.
 * @throws ImagingError IMAGE_CORRUPT, IMAGE_LIMIT, IMAGE_TYPE (12-bit, lossless, arithmetic coding, 2 components)
 */
export async function decodeJpeg(bytes: Uint8Array, limits: ReadLimits): Promise<GreyImage8> {
  const frame = readJpegFrameHeader(bytes);
  assertPixelLimit(frame.width, frame.height, limits);
  if (frame.precision !== 8 || frame.process > 2 || ![1, 3, 4].includes(frame.components)) {
    throw new ImagingError(
      'IMAGE_TYPE',
      `JPEG: process SOF${frame.process}, ${frame.precision} bits, ${frame.components} components; baseline and progressive of 8 bits and 1, 3 or 4 components are read`,
    );
  }
  const { width, height, channels, samples } = await decodeJpegSamples(bytes, frame, limits, { orient: true });
  const grey = new Uint8Array(width * height);
  if (channels === 4) return { width, height, data: lumaOfInks(samples, grey) };
  return { width, height, data: channels === 1 ? samples : lumaOfInterleaved(samples, channels, grey) };
}

/** Samples as they come from libjpeg-turbo: [height * width * channels], interleaved; 1 grey, 3 RGB, 4 inks (255 full). */
export interface JpegSamples extends Size {
  readonly channels: number;
  readonly samples: Uint8Array;
}

/**
 * Decodes a JPEG stream whose frame header has been checked.
 * @param orient whether an EXIF orientation in the stream turns the image; a stream inside DICOM is taken as stored
 * @throws ImagingError IMAGE_CORRUPT
 */
export async function decodeJpegSamples(
  bytes: Uint8Array,
  frame: JpegFrameHeader,
  limits: ReadLimits,
  { orient }: { readonly orient: boolean },
): Promise<JpegSamples> {
  if (hasDamagedScan(bytes))
    throw new ImagingError(
      'IMAGE_CORRUPT',
      `JPEG: its scan is damaged: the bytes are not those of ${frame.width} x ${frame.height} pixels`,
    );
  const input = sharp(bytes, {
    failOn: 'warning', // libjpeg only warns of cut and damaged scans, and would fill the rest with grey
    ignoreIcc: true,
    autoOrient: orient,
    sequentialRead: false,
    limitInputPixels: limits.pixels,
  });
  const decoded = await inOwnSpace(input, frame.components)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((thrown: unknown) => {
      throw toImagingError(thrown, 'IMAGE_CORRUPT', 'JPEG: cannot be decoded');
    });
  const { width, height, channels } = decoded.info;
  const samples = new Uint8Array(decoded.data.buffer, decoded.data.byteOffset, decoded.data.byteLength);
  if (width * height !== frame.width * frame.height || samples.length !== width * height * channels) {
    throw new ImagingError(
      'IMAGE_CORRUPT',
      `JPEG: decoded to ${width} x ${height} x ${channels}, the frame header says otherwise`,
    );
  }
  return { width, height, channels, samples };
}

/** Keeps libvips from converting: grey stays grey, CMYK stays inks (its built-in profile would change grey values). */
function inOwnSpace(input: Sharp, components: number): Sharp {
  if (components === 4) return input.pipelineColourspace('cmyk').toColourspace('cmyk');
  return input.toColourspace(components === 1 ? 'b-w' : 'srgb');
}
