import type { FileHandle } from 'node:fs/promises';
import { toImagingError } from '../errors.js';
import { plainBytes } from '../grey-image.js';
import { resolveLimits, type ReadLimits } from '../limits.js';
import { readFully, withFile } from '../read-file-bytes.js';
import type { DicomHeader } from './dicom-header.js';
import { extractHeader } from './extract-header.js';
import { parseDataSet } from './parse-data-set.js';

const firstRead = 16 * 1024;

/**
 * The header of a DICOM file, pixels left alone. From a path, only as much of the file is read as the header needs (16 KiB,
 * then eight times more until Pixel Data is reached); of the deflated syntax, all of it.
 * @throws ImagingError any DICOM_* code of the header, FILE_UNREADABLE, FILE_LIMIT
 */
export async function readDicomHeader(source: Uint8Array | string, limits?: Partial<ReadLimits>): Promise<DicomHeader> {
  const resolved = resolveLimits(limits);
  if (typeof source !== 'string') return headerOf(plainBytes(source), resolved);
  return withFile(source, resolved, (file, size) => growingHeader(file, size, resolved));
}

/** @throws ImagingError; `bytes` is a whole file */
function headerOf(bytes: Uint8Array, limits: ReadLimits): DicomHeader {
  try {
    return extractHeader(parseDataSet(bytes, bytes.length, limits)!);
  } catch (thrown) {
    throw toImagingError(thrown, 'DICOM_CORRUPT', 'the header cannot be read');
  }
}

async function growingHeader(file: FileHandle, size: number, limits: ReadLimits): Promise<DicomHeader> {
  for (let length = firstRead; ; length *= 8) {
    const bytes = await readFully(file, 0, Math.min(length, size));
    try {
      const parsed = parseDataSet(bytes, length >= size ? bytes.length : size, limits);
      if (parsed !== undefined) return extractHeader(parsed);
    } catch (thrown) {
      throw toImagingError(thrown, 'DICOM_CORRUPT', 'the header cannot be read');
    }
  }
}
