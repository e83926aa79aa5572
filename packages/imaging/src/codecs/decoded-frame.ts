import { ImagingError } from '../errors.js';

/** What a codec gives of one frame, before the DICOM header is asked what the numbers mean. */
export interface DecodedFrame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Bits of a sample as the stream states them, 2..16. */
  readonly precision: number;
  /** Whether the stream itself says that samples are signed; only JPEG 2000 can. */
  readonly signed: boolean;
  /** [height * width * components], interleaved; two's complement of 16 bits where `signed` and wider than 8 bits. */
  readonly samples: Uint8Array | Uint16Array;
}

/** What the DICOM header says the frame is: checked against the stream's own header before a codec takes memory for it. */
export interface ExpectedFrame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/** @throws ImagingError CODEC_SIZE_MISMATCH */
export function assertFrame(found: ExpectedFrame, expected: ExpectedFrame, codec: string): void {
  const { width, height, components } = expected;
  if (found.width === width && found.height === height && found.components === components) return;
  throw new ImagingError(
    'CODEC_SIZE_MISMATCH',
    `the ${codec} frame is ${found.width} x ${found.height} x ${found.components}, the header says ${width} x ${height} x ${components}`,
  );
}

export function codecFailed(codec: string, reason: string, cause?: unknown): ImagingError {
  return new ImagingError('CODEC_FAILED', `${codec}: ${reason}`, { cause });
}
