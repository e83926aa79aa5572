import { decodeDicom } from './dicom/decode-dicom.js';
import type { DicomHeader } from './dicom/dicom-header.js';
import { ImagingError, toImagingError } from './errors.js';
import { plainBytes, type GreyImage8 } from './grey-image.js';
import { decodeJpeg } from './jpeg/decode-jpeg.js';
import { resolveLimits, type ReadLimits } from './limits.js';
import { decodePng, hasSurplusData } from './png/decode-png.js';
import { readFileBytes } from './read-file-bytes.js';
import type { Scratch } from './scratch.js';
import { hexOfStart, sniffFormat, type ImageFormat } from './sniff-format.js';

export interface ReadOptions {
  readonly limits?: Partial<ReadLimits> | undefined;
  /** Refuse, before decoding, a DICOM file whose tags say that it is no single-frame chest radiograph. Default false. */
  readonly chestRadiographOnly?: boolean | undefined;
  /** Look also for what decoding passes over, which costs time: see `surplus`. Default false. */
  readonly thorough?: boolean | undefined;
}

export interface ReadImage extends GreyImage8 {
  readonly format: ImageFormat;
  /** Of a DICOM file. */
  readonly header?: DicomHeader;
  /** All pixels have one value: nothing can be seen, though the file may be whole. */
  readonly constant: boolean;
  /** Present, where `thorough` was asked for, of a PNG whose image data go on beyond its pixels: its header says less than was written. */
  readonly surplus?: true;
}

/**
 * Reads a PNG, JPEG or DICOM file, told apart by signature and not by name, as 8-bit grey display values.
 * PNG: 16 bits / 257; palette looked up; alpha dropped. Colour: Rec. 601 luma. EXIF orientation (PNG eXIf too): applied, so the
 * image comes upright as viewers show it; never inside DICOM. DICOM: stored value -> modality -> VOI -> MONOCHROME1 inversion.
 * @returns row-major bytes, 0 black, 255 white
 * @throws ImagingError naming the file, for anything that cannot be read rightly
 */
export async function readGreyImage(path: string, options: ReadOptions = {}): Promise<ReadImage> {
  return decodeFile(path, options, (bytes) => decodeGreyImage(bytes, options));
}

/**
 * Reads a file and decodes it; whatever goes wrong becomes an ImagingError that names it.
 * @param memory for the file's bytes, which then are only there until `decode` waits for something
 */
export async function decodeFile<T>(
  path: string,
  { limits }: ReadOptions,
  decode: (bytes: Uint8Array) => Promise<T>,
  memory?: Scratch,
): Promise<T> {
  try {
    const reading = readFileBytes(path, resolveLimits(limits), memory);
    const bytes = reading instanceof Promise ? await reading : reading;
    if (sniffFormat(bytes) === undefined && /\.(dcm|dicom)$/i.test(path)) {
      throw new ImagingError('DICOM_NOT_DICOM', `no DICM magic at byte 128; ${hexOfStart(bytes)}`);
    }
    return await decode(bytes);
  } catch (thrown) {
    throw toImagingError(thrown, 'IMAGE_CORRUPT', 'cannot be decoded').at(path);
  }
}

/** {@link readGreyImage} of a file's bytes. */
export async function decodeGreyImage(file: Uint8Array, options: ReadOptions = {}): Promise<ReadImage> {
  const bytes = plainBytes(file);
  const limits = resolveLimits(options.limits);
  if (bytes.length > limits.fileBytes) {
    throw new ImagingError('FILE_LIMIT', `${bytes.length} bytes, over the limit of ${limits.fileBytes}`);
  }
  const format = sniffFormat(bytes);
  try {
    switch (format) {
      case 'png':
        return {
          ...finished(await decodePng(bytes, limits), format),
          ...(options.thorough === true && hasSurplusData(bytes) ? { surplus: true } : {}),
        };
      case 'jpeg':
        return finished(await decodeJpeg(bytes, limits), format);
      case 'dicom':
        return finished(await decodeDicom(bytes, limits, options.chestRadiographOnly === true), format);
      case undefined:
        throw new ImagingError('IMAGE_TYPE', `none of PNG, JPEG and DICOM by its signature; ${hexOfStart(bytes)}`);
    }
  } catch (thrown) {
    throw toImagingError(thrown, format === 'dicom' ? 'DICOM_CORRUPT' : 'IMAGE_CORRUPT', 'cannot be decoded');
  }
}

function finished<T extends GreyImage8>(image: T, format: ImageFormat): T & { format: ImageFormat; constant: boolean } {
  const first = image.data[0];
  return { ...image, format, constant: image.data.every((value) => value === first) };
}
