import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { ImagingError, toImagingError } from '../errors.js';
import type { GreyImage8 } from '../grey-image.js';
import { assertPixelLimit, type ReadLimits } from '../limits.js';
import { luma, lumaOfInterleaved } from '../luma.js';
import { Scratch } from '../scratch.js';
import { checkPngChunks, filteredLength, pngChunks, readPngHeader } from './png-chunks.js';
import { unfilterRows } from './unfilter-rows.js';

/**
 * Any PNG (1 to 16 bits, grey, RGB, palette, alpha, Adam7) to 8-bit grey. 16-bit values are divided by 257 and rounded; alpha
 * and tRNS are dropped, not blended; colour becomes Rec. 601 luma; an eXIf orientation is applied.
 * @throws ImagingError IMAGE_CORRUPT, IMAGE_LIMIT
 */
export async function decodePng(bytes: Uint8Array, limits: ReadLimits): Promise<GreyImage8> {
  const plain = decodePlainPng(bytes, limits);
  if (plain !== undefined) return plain;
  const header = readPngHeader(bytes);
  const { clean, palette } = checkPngChunks(bytes, header);
  const grey = header.colourType !== 2 && header.colourType !== 6;
  const wide = header.bitDepth === 16;
  const space = wide ? (grey ? 'grey16' : 'rgb16') : grey ? 'b-w' : 'srgb';
  const decoded = await sharp(clean(), {
    failOn: 'warning',
    ignoreIcc: true,
    autoOrient: true,
    sequentialRead: false,
    limitInputPixels: limits.pixels,
  })
    .removeAlpha()
    .toColourspace(space)
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((thrown: unknown) => {
      throw toImagingError(thrown, 'IMAGE_CORRUPT', 'PNG: cannot be decoded');
    });
  const { width, height, channels } = decoded.info;
  const samples = wide
    ? new Uint16Array(decoded.data.buffer, decoded.data.byteOffset, decoded.data.byteLength / 2)
    : new Uint8Array(decoded.data.buffer, decoded.data.byteOffset, decoded.data.byteLength);
  if (width * height !== header.width * header.height || samples.length !== width * height * channels) {
    throw new ImagingError(
      'IMAGE_CORRUPT',
      `PNG: decoded to ${width} x ${height} x ${channels}, the header says otherwise`,
    );
  }
  const flat = channels === 1 ? samples : lumaOfInterleaved(samples, channels, samples.slice(0, width * height));
  if (flat instanceof Uint16Array) return { width, height, data: narrow(flat) };
  return { width, height, data: palette === undefined ? flat : shades(flat, palette, header.bitDepth) };
}

/**
 * The usual film - 8-bit grey, not interlaced, upright - in half the time that libpng takes.
 * @param memory where so many pixels go; by default their own
 * @returns undefined for any other image, and for data that libpng has to judge
 * @throws ImagingError IMAGE_CORRUPT, IMAGE_LIMIT
 */
export function decodePlainPng(bytes: Uint8Array, limits: ReadLimits, memory?: Scratch): GreyImage8 | undefined {
  const header = readPngHeader(bytes);
  const { width, height } = header;
  assertPixelLimit(width, height, limits);
  if (header.colourType !== 0 || header.bitDepth !== 8 || header.interlaced) return undefined;
  checkPngChunks(bytes, header);
  const stream = packed.take(bytes.length);
  let packedLength = 0;
  for (const { type, data } of pngChunks(bytes)) {
    if (type === 'eXIf') return undefined;
    if (type !== 'IDAT') continue;
    stream.set(data, packedLength);
    packedLength += data.length;
  }
  const length = height * (width + 1);
  let raw: Uint8Array;
  try {
    raw = inflateSync(stream.subarray(0, packedLength), {
      maxOutputLength: length,
      chunkSize: Math.min(length + 64, MAX_CHUNK), // one piece where possible: pieces are copied together
    });
  } catch {
    return undefined;
  }
  if (raw.length !== length) return undefined;
  const data = memory === undefined ? new Uint8Array(width * height) : memory.take(width * height);
  return unfilterRows(raw, width, height, data) ? { width, height, data } : undefined;
}

/** Whether the image data of a PNG that has been checked go on beyond its pixels, which a decoder passes over: the header's size is not what was written. */
export function hasSurplusData(bytes: Uint8Array): boolean {
  const parts = [...pngChunks(bytes)].flatMap(({ type, data }) => (type === 'IDAT' ? [data] : []));
  try {
    inflateSync(Buffer.concat(parts), { maxOutputLength: filteredLength(readPngHeader(bytes)) });
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  }
}

/** Of what the IDAT chunks hold together. */
const packed = new Scratch();
const MAX_CHUNK = 2 ** 26;

/** Grey of palette indices, which come scaled up to 8 bits as grey samples do. */
function shades(scaled: Uint8Array, palette: Uint8Array, bitDepth: number): Uint8Array {
  const step = 255 / (2 ** bitDepth - 1);
  const colours = palette.length / 3;
  const table = Uint8Array.from({ length: colours }, (_, i) =>
    luma(palette[3 * i]!, palette[3 * i + 1]!, palette[3 * i + 2]!),
  );
  return scaled.map((value) => {
    const index = value / step;
    if (index >= colours) throw new ImagingError('IMAGE_CORRUPT', `PNG: palette index ${index} of ${colours} colours`);
    return table[index]!;
  });
}

/** 0..65535 to 0..255, rounded: 65535 / 257 = 255 exactly, which dropping the low byte would not give for values between. */
function narrow(samples: Uint16Array): Uint8Array {
  const narrowed = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) narrowed[i] = Math.round(samples[i]! / 257);
  return narrowed;
}
