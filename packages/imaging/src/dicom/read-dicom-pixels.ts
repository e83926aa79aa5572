import { toImagingError } from '../errors.js';
import { plainBytes } from '../grey-image.js';
import { resolveLimits, type ReadLimits } from '../limits.js';
import { readFileBytes } from '../read-file-bytes.js';
import { decodePixels, type DicomPixels, type PixelStage } from './decode-pixels.js';

/**
 * The pixels of a single-frame DICOM file, of any modality, at one stage of the grey-scale pipeline.
 * @param source path, or the bytes of a file
 * @throws ImagingError FILE_UNREADABLE, FILE_LIMIT, IMAGE_LIMIT, any DICOM_* or CODEC_* code; names the file where a path was given
 */
export async function readDicomPixels(
  source: string | Uint8Array,
  stage: PixelStage,
  limits?: Partial<ReadLimits>,
): Promise<DicomPixels> {
  const resolved = resolveLimits(limits);
  const path = typeof source === 'string' ? source : undefined;
  try {
    const bytes = typeof source === 'string' ? await readFileBytes(source, resolved) : plainBytes(source);
    return await decodePixels(bytes, stage, resolved);
  } catch (thrown) {
    throw toImagingError(thrown, 'DICOM_CORRUPT', 'cannot be decoded').at(path);
  }
}
