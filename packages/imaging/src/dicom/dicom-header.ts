import type { TransferSyntax } from './transfer-syntaxes.js';

/**
 * What the adapters and the pixel pipeline need of a DICOM header. An absent or empty tag is undefined. Identifiers are taken
 * as written: never build a path from one, never print one.
 */
export interface DicomHeader {
  readonly transferSyntax: TransferSyntax;
  readonly sopClassUid: string | undefined;
  readonly sopInstanceUid: string | undefined;
  readonly studyInstanceUid: string | undefined;
  readonly seriesInstanceUid: string | undefined;
  readonly patientId: string | undefined;
  /** `M`, `F` or `O`; any other text is undefined. */
  readonly patientSex: 'M' | 'F' | 'O' | undefined;
  /** Years from PatientAge: `058Y`, `51`, months, weeks and days as fractions. */
  readonly ageYears: number | undefined;
  /** ViewPosition in upper case, else PatientPosition where that holds a view (some converters put it there). */
  readonly viewPosition: string | undefined;
  /** PatientPosition in upper case, as written. */
  readonly patientPosition: string | undefined;
  readonly modality: string | undefined;
  readonly bodyPartExamined: string | undefined;
  /** Height in pixels, 1..65535; 0 only in a file that holds no image at all. */
  readonly rows: number;
  /** Width in pixels, as `rows`. */
  readonly columns: number;
  /** 1 when the tag is absent. */
  readonly numberOfFrames: number;
  readonly photometricInterpretation: string | undefined;
  readonly samplesPerPixel: number;
  /** 0 interleaved (RGBRGB), 1 planes. */
  readonly planarConfiguration: number;
  readonly bitsAllocated: number | undefined;
  readonly bitsStored: number | undefined;
  readonly highBit: number | undefined;
  /** 0 unsigned, 1 two's complement. */
  readonly pixelRepresentation: 0 | 1;
  readonly hasPixelData: boolean;
}

/** Values that PatientPosition may rightly hold (PS3.3 C.7.3.1.1.2), beside the views that some files put there. */
export const patientPositions: ReadonlySet<string> = new Set(
  'HFP HFS HFDR HFDL FFDR FFDL FFP FFS LFP LFS RFP RFS AFDR AFDL PFDR PFDL'.split(' '),
);

/** ViewPosition's defined terms for a chest (PS3.3 C.8.1.1, C.8.11.5), and the long forms in use. */
export const chestViews: ReadonlySet<string> = new Set([
  'AP',
  'PA',
  'LL',
  'RL',
  'LAT',
  'LATERAL',
  'RLD',
  'LLD',
  'RLO',
  'LLO',
  'AP SUPINE',
]);
