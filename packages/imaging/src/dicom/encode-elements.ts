import { ImagingError } from '../errors.js';
import { formatTag } from './parse-data-set.js';

export type WrittenVr = 'AS' | 'CS' | 'DA' | 'DS' | 'IS' | 'LO' | 'OB' | 'PN' | 'SH' | 'TM' | 'UI' | 'UL' | 'US';

/** Tag (0xGGGGEEEE), VR, value: text, bytes, or one number for US. */
export type ElementToWrite = readonly [tag: number, vr: WrittenVr, value: string | number | Uint8Array];

/** Longest text of a VR, characters (PS3.5 table 6.2-1). */
const longest: Partial<Record<WrittenVr, number>> = {
  AS: 4,
  CS: 16,
  DA: 8,
  IS: 12,
  LO: 64,
  PN: 64,
  SH: 16,
  TM: 14,
  UI: 64,
};

/**
 * Elements in Explicit VR Little Endian (PS3.5 7.1.2), values padded to even length.
 * @throws ImagingError ARGUMENT_INVALID for text that the VR does not allow
 */
export function encodeElements(elements: readonly ElementToWrite[]): Uint8Array {
  return Buffer.concat(elements.map(encodeElement));
}

function encodeElement([tag, vr, value]: ElementToWrite): Uint8Array {
  const bytes = valueBytes(tag, vr, value);
  const padded = bytes.length + (bytes.length % 2);
  const long = vr === 'OB'; // two reserved bytes and a 32-bit length
  const head = long ? 12 : 8;
  if (!long && padded > 0xffff) throw invalid(tag, `${padded} bytes are too many for ${vr}`);
  const out = new Uint8Array(head + padded);
  const view = new DataView(out.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  out.set([vr.charCodeAt(0), vr.charCodeAt(1)], 4);
  if (long) view.setUint32(8, padded, true);
  else view.setUint16(6, padded, true);
  out.set(bytes, head);
  if (padded > bytes.length && vr !== 'UI' && vr !== 'OB') out[out.length - 1] = 0x20;
  return out;
}

function valueBytes(tag: number, vr: WrittenVr, value: string | number | Uint8Array): Uint8Array {
  if (typeof value === 'number') return Uint8Array.of(value & 0xff, (value >> 8) & 0xff);
  if (typeof value !== 'string') return value;
  if (value.length > (longest[vr] ?? Infinity))
    throw invalid(tag, `text of ${value.length} characters is too long for ${vr}`);
  const control = [...value].some((character) => character < ' ');
  if (control || (value.includes('\\') && vr !== 'DS'))
    throw invalid(tag, 'text holds a control character or a backslash');
  if (vr === 'UI' && value !== '' && !/^(0|[1-9]\d*)(\.(0|[1-9]\d*))*$/.test(value)) throw invalid(tag, 'not a UID');
  return Buffer.from(value, 'utf8');
}

function invalid(tag: number, reason: string): ImagingError {
  const name = formatTag(`x${tag.toString(16).padStart(8, '0')}`);
  return new ImagingError('ARGUMENT_INVALID', `${name}: ${reason}`);
}
