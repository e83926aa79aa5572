import { ImagingError } from '../errors.js';
import type { ReadLimits } from '../limits.js';
import { pastTheEnd, type ParsedDataSet } from './parse-data-set.js';

const itemTag = 0xfffee000;
const sequenceDelimiterTag = 0xfffee0dd;

/**
 * The stored bytes of the one frame: the value of a native Pixel Data, or all fragments of an encapsulated one joined
 * (PS3.5 A.4; with a single frame every fragment belongs to it, whatever the offset table says).
 * @throws ImagingError DICOM_NO_PIXELS, DICOM_TRUNCATED, DICOM_LENGTH_OUT_OF_FILE, DICOM_CORRUPT
 */
export function frameBytes(parsed: ParsedDataSet, limits: ReadLimits): Uint8Array {
  const { bytes, pixelData, syntax } = parsed;
  if (pixelData === undefined) throw new ImagingError('DICOM_NO_PIXELS', 'no Pixel Data (7FE0,0010)');
  const undefinedLength = pixelData.hadUndefinedLength === true;
  if (syntax.encapsulated !== undefinedLength) {
    const found = undefinedLength ? 'undefined length' : `length ${pixelData.length}`;
    throw new ImagingError(
      'DICOM_CORRUPT',
      `Pixel Data of ${found} does not agree with transfer syntax ${syntax.name}`,
      {
        offset: pixelData.dataOffset,
      },
    );
  }
  if (!undefinedLength) {
    const end = pixelData.dataOffset + pixelData.length;
    if (end > bytes.length) throw pastTheEnd(pixelData, bytes.length, limits);
    return bytes.subarray(pixelData.dataOffset, end);
  }
  const fragments = readFragments(bytes, pixelData.dataOffset, limits);
  const length = fragments.reduce((sum, fragment) => sum + fragment.length, 0);
  if (length === 0) throw new ImagingError('DICOM_NO_PIXELS', 'encapsulated Pixel Data without a fragment with data');
  if (fragments.length === 1) return fragments[0]!;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const fragment of fragments) {
    joined.set(fragment, at);
    at += fragment.length;
  }
  return joined;
}

/** Items after the Basic Offset Table up to the sequence delimiter, whose length is not looked at (vendors write FFFFFFFF). */
function readFragments(bytes: Uint8Array, start: number, limits: ReadLimits): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fragments: Uint8Array[] = [];
  let at = start;
  for (let index = 0; ; index++) {
    if (at + 8 > bytes.length) throw cut(bytes.length, at + 8, at);
    const tag = view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true);
    const length = view.getUint32(at + 4, true);
    if (tag === sequenceDelimiterTag) return fragments;
    if (tag !== itemTag)
      throw new ImagingError('DICOM_CORRUPT', 'an item or delimiter was expected in Pixel Data', { offset: at });
    const end = at + 8 + length;
    if (end > bytes.length) throw pastTheEnd({ tag: 'xfffee000', length, dataOffset: at + 8 }, bytes.length, limits);
    if (index > 0 && length > 0) fragments.push(bytes.subarray(at + 8, end));
    at = end;
  }
}

function cut(have: number, need: number, offset: number): ImagingError {
  return new ImagingError(
    'DICOM_TRUNCATED',
    `the file ends inside Pixel Data: ${have} bytes, at least ${need} needed`,
    { offset },
  );
}
