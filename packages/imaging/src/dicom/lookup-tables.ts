import type { DataSet, Element } from 'dicom-parser';
import { ImagingError } from '../errors.js';
import { text } from './extract-header.js';
import { formatTag, type ParsedDataSet } from './parse-data-set.js';

/** A Modality or VOI lookup table (PS3.3 C.11.1.1.1): input below `first` takes the first entry, above the end the last. */
export interface LookupTable {
  readonly first: number;
  /** Bits of an entry: output runs over 0 .. 2^bits - 1. */
  readonly bits: number;
  readonly entries: Uint16Array;
}

/** A VOI window (PS3.3 C.11.2.1.2). */
export interface VoiWindow {
  readonly center: number;
  readonly width: number;
  readonly shape: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';
}

export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** First item of the Modality LUT Sequence (0028,3000). */
export function modalityTable(parsed: ParsedDataSet, signed: boolean): LookupTable | undefined {
  return tableIn(parsed, 'x00283000', signed);
}

/** First item of the VOI LUT Sequence (0028,3010). */
export function voiTable(parsed: ParsedDataSet, signed: boolean): LookupTable | undefined {
  return tableIn(parsed, 'x00283010', signed);
}

/** Rescale Slope and Intercept; slope 1, intercept 0 when absent. */
export function rescaleOf({ dataSet }: ParsedDataSet): Rescale {
  return { slope: decimal(dataSet, 'x00281053') ?? 1, intercept: decimal(dataSet, 'x00281052') ?? 0 };
}

/**
 * The first window; undefined when there is none.
 * @throws ImagingError DICOM_BAD_PIXEL_MODULE: width below 1 (LINEAR) or not above 0 (the others), or an unknown function
 */
export function windowOf({ dataSet }: ParsedDataSet): VoiWindow | undefined {
  const center = decimal(dataSet, 'x00281050');
  const width = decimal(dataSet, 'x00281051');
  if (center === undefined && width === undefined) return undefined;
  if (center === undefined || width === undefined)
    throw bad('Window Center (0028,1050) and Window Width (0028,1051) do not stand together');
  const shape = text(dataSet, 'x00281056')?.toUpperCase() ?? 'LINEAR';
  if (shape !== 'LINEAR' && shape !== 'LINEAR_EXACT' && shape !== 'SIGMOID')
    throw bad('VOI LUT Function (0028,1056) is none of LINEAR, LINEAR_EXACT, SIGMOID');
  if (shape === 'LINEAR' ? width < 1 : width <= 0) throw bad(`Window Width (0028,1051) ${width} with ${shape}`);
  return { center, width, shape };
}

/** One colour of a palette, by its descriptor (0028,1101..1103); its data is (0028,1201..1203). */
export function paletteTable({ dataSet }: ParsedDataSet, descriptorTag: string): LookupTable | undefined {
  return tableOf(dataSet, descriptorTag, descriptorTag.replace('x002811', 'x002812'), false);
}

/** The entry of a value; beyond the ends, the first and the last. */
export function lookUp({ first, entries }: LookupTable, value: number): number {
  return entries[Math.min(Math.max(value - first, 0), entries.length - 1)]!;
}

function tableIn(parsed: ParsedDataSet, sequenceTag: string, signed: boolean): LookupTable | undefined {
  const item = parsed.dataSet.elements[sequenceTag]?.items?.[0]?.dataSet;
  return item === undefined ? undefined : tableOf(item, 'x00283002', 'x00283006', signed);
}

function tableOf(item: DataSet, descriptorTag: string, dataTag: string, signed: boolean): LookupTable | undefined {
  const descriptor = item.elements[descriptorTag];
  const data = item.elements[dataTag];
  if (descriptor === undefined || data === undefined) return undefined;
  if (descriptor.length !== 6)
    throw bad(`LUT Descriptor ${formatTag(descriptorTag)} has ${descriptor.length} bytes, not 6`);
  const count = item.uint16(descriptorTag, 0) || 65_536; // 0 stands for 2^16
  const first = signed ? item.int16(descriptorTag, 1)! : item.uint16(descriptorTag, 1)!;
  const bits = item.uint16(descriptorTag, 2)!;
  if (bits < 8 || bits > 16) throw bad(`LUT Descriptor ${formatTag(descriptorTag)} says ${bits} bits`);
  return { first, bits, entries: entriesOf(item, data, dataTag, count, bits) };
}

/** Entries are 16-bit words, or single bytes when the data is just as long as there are entries. */
function entriesOf(item: DataSet, data: Element, dataTag: string, count: number, bits: number): Uint16Array {
  const bytewise = bits === 8 && data.length < 2 * count;
  if (data.length < (bytewise ? count : 2 * count))
    throw bad(`LUT Data ${formatTag(dataTag)} has ${data.length} bytes for ${count} entries`);
  const most = 2 ** bits - 1;
  const entries = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const value = bytewise ? item.byteArray[data.dataOffset + i]! : item.uint16(dataTag, i)!;
    if (value > most) throw bad(`LUT Data ${formatTag(dataTag)} entry ${i} is ${value}, over ${most}`);
    entries[i] = value;
  }
  return entries;
}

/** First value of a decimal string; undefined when absent or empty. */
function decimal(dataSet: DataSet, tag: string): number | undefined {
  const value = text(dataSet, tag);
  if (value === undefined) return undefined;
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : NaN;
  if (!Number.isFinite(number)) throw bad(`${formatTag(tag)} is not a decimal number`);
  return number;
}

function bad(reason: string): ImagingError {
  return new ImagingError('DICOM_BAD_PIXEL_MODULE', reason);
}
