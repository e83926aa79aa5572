/** How the pixels of a transfer syntax are stored; `undefined` codec means that this package has no decoder for it. */
export type PixelCodec = 'native' | 'rle' | 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k';

export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly codec: PixelCodec | undefined;
  readonly encapsulated: boolean;
}

/** DICOM PS3.6 table A-1: the transfer syntaxes of images. */
const known: readonly TransferSyntax[] = [
  native('1.2.840.10008.1.2', 'Implicit VR Little Endian'),
  native('1.2.840.10008.1.2.1', 'Explicit VR Little Endian'),
  native('1.2.840.10008.1.2.1.99', 'Deflated Explicit VR Little Endian'),
  native('1.2.840.10008.1.2.2', 'Explicit VR Big Endian'),
  encapsulated('1.2.840.10008.1.2.4.50', 'JPEG Baseline (Process 1)', 'jpeg'),
  encapsulated('1.2.840.10008.1.2.4.51', 'JPEG Extended (Process 2 and 4)', 'jpeg'),
  encapsulated('1.2.840.10008.1.2.4.57', 'JPEG Lossless, Non-Hierarchical (Process 14)', 'jpeg'),
  encapsulated(
    '1.2.840.10008.1.2.4.70',
    'JPEG Lossless, First-Order Prediction (Process 14, Selection Value 1)',
    'jpeg',
  ),
  encapsulated('1.2.840.10008.1.2.4.80', 'JPEG-LS Lossless', 'jpeg-ls'),
  encapsulated('1.2.840.10008.1.2.4.81', 'JPEG-LS Near-Lossless', 'jpeg-ls'),
  encapsulated('1.2.840.10008.1.2.4.90', 'JPEG 2000 Lossless', 'jpeg-2000'),
  encapsulated('1.2.840.10008.1.2.4.91', 'JPEG 2000', 'jpeg-2000'),
  encapsulated('1.2.840.10008.1.2.4.92', 'JPEG 2000 Part 2 Lossless'),
  encapsulated('1.2.840.10008.1.2.4.93', 'JPEG 2000 Part 2'),
  encapsulated('1.2.840.10008.1.2.4.94', 'JPIP Referenced'),
  encapsulated('1.2.840.10008.1.2.4.95', 'JPIP Referenced Deflate'),
  encapsulated('1.2.840.10008.1.2.4.100', 'MPEG2 Main Profile'),
  encapsulated('1.2.840.10008.1.2.4.101', 'MPEG2 High Profile'),
  encapsulated('1.2.840.10008.1.2.4.102', 'MPEG-4 AVC/H.264 High Profile'),
  encapsulated('1.2.840.10008.1.2.4.107', 'HEVC/H.265 Main Profile'),
  encapsulated('1.2.840.10008.1.2.4.110', 'JPEG XL Lossless'),
  encapsulated('1.2.840.10008.1.2.4.111', 'JPEG XL JPEG Recompression'),
  encapsulated('1.2.840.10008.1.2.4.112', 'JPEG XL'),
  encapsulated('1.2.840.10008.1.2.4.201', 'HTJ2K Lossless', 'htj2k'),
  encapsulated('1.2.840.10008.1.2.4.202', 'HTJ2K Lossless RPCL', 'htj2k'),
  encapsulated('1.2.840.10008.1.2.4.203', 'HTJ2K', 'htj2k'),
  encapsulated('1.2.840.10008.1.2.5', 'RLE Lossless', 'rle'),
];

const byUid = new Map(known.map((syntax) => [syntax.uid, syntax]));

export const implicitLittleEndian = '1.2.840.10008.1.2';
export const explicitLittleEndian = '1.2.840.10008.1.2.1';
export const deflatedLittleEndian = '1.2.840.10008.1.2.1.99';
export const explicitBigEndian = '1.2.840.10008.1.2.2';
export const jpegBaseline = '1.2.840.10008.1.2.4.50';

/** An unknown UID is returned with the name `unknown`, no codec, and taken as encapsulated explicit VR little endian. */
export function transferSyntaxOf(uid: string): TransferSyntax {
  return byUid.get(uid) ?? { uid, name: 'unknown', codec: undefined, encapsulated: true };
}

function native(uid: string, name: string): TransferSyntax {
  return { uid, name, codec: 'native', encapsulated: false };
}

function encapsulated(uid: string, name: string, codec?: PixelCodec): TransferSyntax {
  return { uid, name, codec, encapsulated: true };
}
