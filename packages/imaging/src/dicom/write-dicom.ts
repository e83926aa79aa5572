import sharp from 'sharp';
import { ImagingError, toImagingError } from '../errors.js';
import { assertImageSize } from '../grey-image.js';
import { encodeElements, type ElementToWrite } from './encode-elements.js';
import { explicitLittleEndian, jpegBaseline } from './transfer-syntaxes.js';

/** One 8-bit radiograph and the tags it is given; what is left out is left out of the file, or written empty where type 2. */
export interface DicomToWrite {
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** Default Secondary Capture, 1.2.840.10008.5.1.4.1.1.7, as RSNA and SIIM have it. */
  readonly sopClassUid?: string | undefined;
  readonly patientId?: string | undefined;
  readonly patientName?: string | undefined;
  readonly patientSex?: 'M' | 'F' | 'O' | undefined;
  /** As it shall stand in the file: `058Y`, or `58` as RSNA has it. */
  readonly patientAge?: string | undefined;
  readonly modality?: 'CR' | 'DX' | undefined;
  /** Default CHEST. */
  readonly bodyPartExamined?: string | undefined;
  readonly viewPosition?: string | undefined;
  /** Default MONOCHROME2; MONOCHROME1 means that `pixels` are written as they are and show inverted. */
  readonly photometricInterpretation?: 'MONOCHROME1' | 'MONOCHROME2' | undefined;
  /** Row and column spacing, mm. */
  readonly pixelSpacing?: readonly [number, number] | undefined;
  readonly seriesDescription?: string | undefined;
  readonly width: number;
  readonly height: number;
  /** Row-major, [height * width]. */
  readonly pixels: Uint8Array;
  /** `explicit` (Explicit VR Little Endian, default), or JPEG Baseline at a quality of 1..100. */
  readonly encoding?: 'explicit' | { readonly jpegQuality: number } | undefined;
}

// An implementation names itself; made once with createUid('@multichexnet/imaging').
const implementationClassUid = '2.25.44082086538121013706991765341640525582';

/**
 * The bytes of a DICOM file (PS3.10) with a zero preamble. Same input, same bytes, as far as sharp's JPEG encoder is the same.
 * @throws ImagingError ARGUMENT_INVALID: pixels do not fit the size, a side over 65535, a UID or text that DICOM does not allow
 */
export async function writeDicom(image: DicomToWrite): Promise<Uint8Array> {
  assertImageSize({ ...image, data: image.pixels });
  if (image.width > 65_535 || image.height > 65_535)
    throw invalid(`${image.width} x ${image.height}: a side over 65535`);
  const jpegQuality = typeof image.encoding === 'object' ? image.encoding.jpegQuality : undefined;
  const syntax = jpegQuality === undefined ? explicitLittleEndian : jpegBaseline;
  const stream = jpegQuality === undefined ? undefined : await encodeJpeg(image, jpegQuality);
  const sopClass = image.sopClassUid ?? '1.2.840.10008.5.1.4.1.1.7';
  const meta = encodeElements([
    [0x00020001, 'OB', Uint8Array.of(0, 1)],
    [0x00020002, 'UI', sopClass],
    [0x00020003, 'UI', image.sopInstanceUid],
    [0x00020010, 'UI', syntax],
    [0x00020012, 'UI', implementationClassUid],
  ]);
  const groupLength = new DataView(new ArrayBuffer(4));
  groupLength.setUint32(0, meta.length, true);
  const parts = [
    new Uint8Array(128),
    Buffer.from('DICM', 'latin1'),
    encodeElements([[0x00020000, 'UL', new Uint8Array(groupLength.buffer)]]),
    meta,
    encodeElements(dataSetOf(image, sopClass, stream !== undefined)),
    stream === undefined ? encodeElements([[0x7fe00010, 'OB', image.pixels]]) : encapsulate(stream),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

/** In the ascending order of tags that DICOM asks for; empty text writes a type 2 element without a value. */
function dataSetOf(image: DicomToWrite, sopClass: string, lossy: boolean): ElementToWrite[] {
  const optional = (tag: number, vr: ElementToWrite[1], value: string | undefined): ElementToWrite[] =>
    value === undefined ? [] : [[tag, vr, value]];
  return [
    [0x00080005, 'CS', 'ISO_IR 192'],
    [0x00080016, 'UI', sopClass],
    [0x00080018, 'UI', image.sopInstanceUid],
    [0x00080020, 'DA', ''],
    [0x00080030, 'TM', ''],
    [0x00080050, 'SH', ''],
    [0x00080060, 'CS', image.modality ?? 'CR'],
    [0x00080064, 'CS', 'WSD'],
    [0x00080090, 'PN', ''],
    ...optional(0x0008103e, 'LO', image.seriesDescription),
    [0x00100010, 'PN', image.patientName ?? ''],
    [0x00100020, 'LO', image.patientId ?? ''],
    [0x00100030, 'DA', ''],
    [0x00100040, 'CS', image.patientSex ?? ''],
    ...optional(0x00101010, 'AS', image.patientAge),
    [0x00180015, 'CS', image.bodyPartExamined ?? 'CHEST'],
    ...optional(0x00185101, 'CS', image.viewPosition),
    [0x0020000d, 'UI', image.studyInstanceUid],
    [0x0020000e, 'UI', image.seriesInstanceUid],
    [0x00200010, 'SH', ''],
    [0x00200011, 'IS', '1'],
    [0x00200013, 'IS', '1'],
    [0x00200020, 'CS', ''],
    [0x00280002, 'US', 1],
    [0x00280004, 'CS', image.photometricInterpretation ?? 'MONOCHROME2'],
    [0x00280010, 'US', image.height],
    [0x00280011, 'US', image.width],
    ...optional(0x00280030, 'DS', image.pixelSpacing?.map((mm) => String(Number(mm.toPrecision(8)))).join('\\')),
    [0x00280100, 'US', 8],
    [0x00280101, 'US', 8],
    [0x00280102, 'US', 7],
    [0x00280103, 'US', 0],
    ...(lossy ? ([[0x00282110, 'CS', '01']] satisfies ElementToWrite[]) : []),
  ];
}

async function encodeJpeg({ pixels, width, height }: DicomToWrite, quality: number): Promise<Uint8Array> {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100)
    throw invalid(`jpegQuality ${quality}; whole numbers from 1 to 100`);
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .jpeg({ quality, progressive: false, optimiseScans: false, mozjpeg: false })
    .toBuffer()
    .catch((thrown: unknown) => {
      throw toImagingError(thrown, 'ARGUMENT_INVALID', 'JPEG: cannot be encoded');
    });
}

/** Pixel Data of undefined length: empty Basic Offset Table, one fragment of even length, delimiter (PS3.5 A.4). */
function encapsulate(stream: Uint8Array): Uint8Array {
  const even = stream.length + (stream.length % 2);
  const out = new Uint8Array(12 + 8 + 8 + even + 8);
  const view = new DataView(out.buffer);
  out.set([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]); // (7FE0,0010) OB, undefined length
  out.set([0xfe, 0xff, 0x00, 0xe0], 12);
  out.set([0xfe, 0xff, 0x00, 0xe0], 20);
  view.setUint32(24, even, true);
  out.set(stream, 28);
  out.set([0xfe, 0xff, 0xdd, 0xe0], 28 + even);
  return out;
}

function invalid(reason: string): ImagingError {
  return new ImagingError('ARGUMENT_INVALID', reason);
}
