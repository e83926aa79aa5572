/**
 * Every failure of this package has one of these codes. The text says what each means; the message of an error adds where it
 * happened and what was found.
 */
export const imagingErrorCodes = {
  FILE_UNREADABLE: 'the file is absent, is not a regular file, or could not be read',
  FILE_LIMIT: 'the file is larger than `limits.fileBytes`',
  IMAGE_TYPE:
    'the first bytes are those of no readable format (PNG, JPEG, DICOM), or the format has an unreadable variant',
  IMAGE_CORRUPT: 'the PNG or JPEG file is cut, its checksum is wrong, or it cannot be decoded',
  IMAGE_LIMIT: 'the image has more pixels than `limits.pixels`',
  DICOM_NOT_DICOM: 'no DICM magic at byte 128',
  DICOM_NO_TRANSFER_SYNTAX: 'the file meta information has no Transfer Syntax UID (0002,0010)',
  DICOM_SYNTAX_UNSUPPORTED: 'the transfer syntax is unknown or its codec is not available',
  DICOM_CORRUPT: 'the data set cannot be parsed',
  DICOM_TRUNCATED: 'the file ends before its last element does',
  DICOM_LENGTH_OUT_OF_FILE: 'an element states a length that runs past the end of the file',
  DICOM_TOO_DEEP: 'sequences are nested deeper than `limits.sequenceDepth`',
  DICOM_TOO_MANY_ELEMENTS: 'the header has more elements than `limits.elements`',
  DICOM_HEADER_LIMIT: 'no Pixel Data within the first `limits.headerBytes` bytes',
  DICOM_INFLATE_LIMIT:
    'a deflated data set or a compressed frame grows beyond `limits.inflatedBytes` or `limits.inflateRatio`',
  DICOM_NO_PIXELS: 'no Pixel Data (7FE0,0010), or no fragment with data',
  DICOM_BAD_GEOMETRY: 'Rows or Columns are absent, zero or not unsigned 16-bit numbers',
  DICOM_BAD_PIXEL_MODULE:
    'bits, samples, photometric interpretation, lookup table, rescale or window contradict each other',
  DICOM_PIXELS_SHORT: 'Pixel Data is shorter than Rows x Columns needs',
  DICOM_MULTIFRAME_UNSUPPORTED: 'more than one frame',
  DICOM_NOT_A_RADIOGRAPH: 'not a single-frame chest radiograph',
  CODEC_FAILED: 'the compressed frame inside a DICOM file cannot be decoded',
  CODEC_SIZE_MISMATCH: 'the compressed frame has another size than Rows x Columns x Samples per Pixel',
  RLE_INVALID: 'run-length text or runs that describe no mask of the given size',
  ARGUMENT_INVALID: 'a caller passed a size, buffer or option that cannot be right',
} as const;

export type ImagingErrorCode = keyof typeof imagingErrorCodes;

export interface ImagingErrorDetails {
  /** The file, where one is known. */
  readonly path?: string | undefined;
  /** Byte offset in the file, or character offset in run-length text. */
  readonly offset?: number | undefined;
  readonly cause?: unknown;
}

/** The one error type of this package: any malformed input ends in it, whatever the library below threw. */
export class ImagingError extends Error {
  override readonly name = 'ImagingError';
  readonly code: ImagingErrorCode;
  /** What was found, without the path. */
  readonly reason: string;
  readonly path: string | undefined;
  readonly offset: number | undefined;

  constructor(code: ImagingErrorCode, reason: string, details: ImagingErrorDetails = {}) {
    const where = details.path === undefined ? '' : `${details.path}: `;
    super(`${where}${reason}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = reason;
    this.path = details.path;
    this.offset = details.offset;
  }

  /** The same error naming a file; an error that already names one is returned as it is. */
  at(path: string | undefined): ImagingError {
    if (path === undefined || this.path !== undefined) return this;
    return new ImagingError(this.code, this.reason, { path, offset: this.offset, cause: this.cause });
  }
}

/** Turns whatever a library threw (Error, string, plain object) into one ImagingError; an ImagingError passes through. */
export function toImagingError(thrown: unknown, code: ImagingErrorCode, what: string): ImagingError {
  if (thrown instanceof ImagingError) return thrown;
  return new ImagingError(code, `${what}: ${thrownText(thrown)}`, { cause: thrown });
}

/** One line of text for anything that can be thrown; dicom-parser throws strings and `{ exception, dataSet }`. */
export function thrownText(thrown: unknown): string {
  if (thrown instanceof Error) return firstLine(thrown.message);
  if (typeof thrown === 'string') return firstLine(thrown);
  if (typeof thrown === 'object' && thrown !== null && 'exception' in thrown) return thrownText(thrown.exception);
  return 'unknown failure';
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 200);
}
