import sharp from 'sharp';
import { assertChestRadiograph } from './dicom/assert-chest-radiograph.js';
import type { DicomHeader } from './dicom/dicom-header.js';
import { readDicomHeader } from './dicom/read-dicom-header.js';
import { ImagingError, thrownText } from './errors.js';
import type { Size } from './grey-image.js';
import { defaultReadLimits } from './limits.js';
import { readFully, withFile } from './read-file-bytes.js';
import { hexOfStart, sniffFormat, type ImageFormat } from './sniff-format.js';

/** What a file says of its image before any pixel is decoded. */
export interface ImageFacts extends Size {
  readonly format: ImageFormat;
  /** Of a DICOM file. */
  readonly header?: DicomHeader;
}

const SIGNATURE_BYTES = 132;

/**
 * Format, told by signature, and size as `readGreyImage` would give it: an EXIF orientation that lays the image on its side swaps width and height.
 * @throws ImagingError FILE_UNREADABLE, FILE_LIMIT, IMAGE_TYPE, IMAGE_CORRUPT, DICOM_*; a DICOM file that is no chest radiograph is DICOM_NOT_A_RADIOGRAPH
 */
export async function readImageFacts(path: string): Promise<ImageFacts> {
  const start = await withFile(path, defaultReadLimits, (file, size) =>
    readFully(file, 0, Math.min(size, SIGNATURE_BYTES)),
  );
  const format = sniffFormat(start);
  if (format === undefined)
    throw new ImagingError('IMAGE_TYPE', `none of PNG, JPEG and DICOM by its signature; ${hexOfStart(start)}`, {
      path,
    });
  if (format === 'dicom') {
    const header = await readDicomHeader(path);
    assertChestRadiograph(header);
    return { format, header, width: header.columns, height: header.rows };
  }
  try {
    const { width, height, orientation = 1 } = await sharp(path).metadata();
    return orientation >= 5 ? { format, width: height, height: width } : { format, width, height };
  } catch (thrown) {
    throw new ImagingError('IMAGE_CORRUPT', `the header cannot be read: ${thrownText(thrown)}`, {
      path,
      cause: thrown,
    });
  }
}
