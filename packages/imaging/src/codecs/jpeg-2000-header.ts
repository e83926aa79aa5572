import { codecFailed, type ExpectedFrame } from './decoded-frame.js';

/** What the SIZ segment of a JPEG 2000 codestream says (ITU-T T.800 A.5.1). */
export interface Jpeg2000Header extends ExpectedFrame {
  /** Bits of a sample, the same in all components. */
  readonly precision: number;
  readonly signed: boolean;
  readonly tiles: number;
  /** The codestream alone, without the boxes of a JP2 file around it. */
  readonly codestream: Uint8Array;
}

/**
 * Reads the main header's first segment, so that sizes are known before a codec takes memory for them.
 * @throws ImagingError CODEC_FAILED
 */
export function readJpeg2000Header(bytes: Uint8Array): Jpeg2000Header {
  const codestream = codestreamOf(bytes);
  const view = new DataView(codestream.buffer, codestream.byteOffset, codestream.byteLength);
  // SOC, SIZ and its length of 38 + 3 for each component; then capabilities, sizes, offsets, tiles, components.
  if (view.byteLength < 45 || view.getUint32(0) !== 0xff4f_ff51) throw failed('no codestream');
  const components = view.getUint16(40);
  if (components === 0 || view.getUint16(4) !== 38 + 3 * components || view.byteLength < 42 + 3 * components)
    throw failed('the size segment is damaged');
  const [right, lower, left, upper, tileWidth, tileHeight, tileLeft, tileUpper] = Array.from({ length: 8 }, (_, i) =>
    view.getUint32(8 + 4 * i),
  ) as [number, number, number, number, number, number, number, number];
  if (right <= left || lower <= upper || tileWidth === 0 || tileHeight === 0 || tileLeft > left || tileUpper > upper)
    throw failed('sizes that contradict each other');
  const depth = view.getUint8(42);
  for (let i = 0; i < components; i++) {
    if (view.getUint8(42 + 3 * i) !== depth) throw failed('components of different depths');
    if (view.getUint8(43 + 3 * i) !== 1 || view.getUint8(44 + 3 * i) !== 1) throw failed('subsampled components');
  }
  const precision = (depth & 0x7f) + 1;
  if (precision > 16) throw failed(`${precision} bits per sample; up to 16 are read`);
  return {
    width: right - left,
    height: lower - upper,
    components,
    precision,
    signed: depth > 127,
    tiles: Math.ceil((right - tileLeft) / tileWidth) * Math.ceil((lower - tileUpper) / tileHeight),
    codestream,
  };
}

/** DICOM wants the bare codestream; some writers leave the JP2 boxes (T.800 annex I) around it. */
function codestreamOf(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boxed = bytes.length >= 12 && view.getUint32(0) === 12 && view.getUint32(4) === 0x6a50_2020;
  if (!boxed) return bytes;
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    const end = length === 0 ? bytes.length : at + length;
    if (view.getUint32(at + 4) === 0x6a70_3263) return bytes.subarray(at + 8, Math.min(end, bytes.length));
    if (length !== 0 && length < 8) break;
    at = end;
  }
  throw failed('a JP2 file without a codestream');
}

function failed(reason: string) {
  return codecFailed('JPEG 2000', reason);
}
