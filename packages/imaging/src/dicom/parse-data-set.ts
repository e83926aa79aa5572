import { inflateRawSync } from 'node:zlib';
import dicomParser, { type DataSet, type Element } from 'dicom-parser';
import { ImagingError, thrownText } from '../errors.js';
import { plainBytes } from '../grey-image.js';
import type { ReadLimits } from '../limits.js';
import { hexOfStart, sniffFormat } from '../sniff-format.js';
import {
  deflatedLittleEndian,
  implicitLittleEndian,
  transferSyntaxOf,
  type TransferSyntax,
} from './transfer-syntaxes.js';

export const pixelDataTag = 'x7fe00010';

/** The elements before Pixel Data, and Pixel Data's own tag, VR, length and offset: its value is never parsed here. */
export interface ParsedDataSet {
  readonly dataSet: DataSet;
  readonly syntax: TransferSyntax;
  /** The bytes that offsets refer to: the file, or its inflated form for the deflated syntax. */
  readonly bytes: Uint8Array;
  readonly pixelData: Element | undefined;
}

// The type declarations of dicom-parser leave this export out.
const { readPart10Header } = dicomParser as unknown as {
  readPart10Header: (bytes: Uint8Array) => DataSet & { readonly position: number };
};

/**
 * Parses the header of a DICOM file with dicom-parser, made safe: whatever it throws becomes an ImagingError, inflation is
 * bounded, and lengths, depth and count of elements are checked afterwards (dicom-parser itself lets values run past the end).
 * @param bytes the file, or its first part
 * @param fileSize size of the whole file; when `bytes` is a prefix that the header does not fit in, the result is undefined
 */
export function parseDataSet(bytes: Uint8Array, fileSize: number, limits: ReadLimits): ParsedDataSet | undefined {
  const syntax = readSyntax(bytes.subarray(0, limits.headerBytes), fileSize, limits);
  if (syntax === undefined) return needMore(bytes.length, limits);
  const deflated = syntax.uid === deflatedLittleEndian;
  if (deflated && bytes.length < fileSize) return undefined;
  const header = deflated ? bytes : bytes.subarray(0, limits.headerBytes);
  let inflated: Uint8Array | undefined;
  let dataSet: DataSet;
  try {
    dataSet = dicomParser.parseDicom(header, {
      untilTag: pixelDataTag,
      inflater: (stored: Uint8Array, position: number) => {
        // dicom-parser reads what this returns from its first byte: the data set alone, without the meta information before it.
        inflated = inflate(stored.subarray(position), limits);
        return inflated.subarray(0, limits.headerBytes);
      },
    });
  } catch (thrown) {
    const inner = innerException(thrown);
    if (inner instanceof ImagingError) throw inner;
    // dicom-parser recurses into sequences: thousands of levels end here, dozens in `assertStructure`.
    if (inner instanceof RangeError && /call stack/i.test(inner.message)) throw tooDeep(limits, thrown);
    const size = inflated?.length ?? fileSize;
    const parsed = Math.min(inflated?.length ?? header.length, limits.headerBytes);
    if (parsed === size) throw headerFailure(thrown, size, limits);
    return needMore(parsed, limits);
  }
  const pixelData = dataSet.elements[pixelDataTag];
  const size = inflated?.length ?? fileSize;
  if (pixelData === undefined && dataSet.byteArray.length < size) return needMore(dataSet.byteArray.length, limits);
  assertStructure(dataSet, limits);
  return { dataSet, syntax, bytes: inflated ?? bytes, pixelData };
}

function needMore(parsed: number, limits: ReadLimits): undefined {
  if (parsed < limits.headerBytes) return undefined;
  throw new ImagingError(
    'DICOM_HEADER_LIMIT',
    `no Pixel Data (7FE0,0010) within the first ${limits.headerBytes} bytes`,
  );
}

/** dicom-parser wraps what it caught as `{ exception, dataSet }`. */
function innerException(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'exception' in thrown ? thrown.exception : thrown;
}

function tooDeep(limits: ReadLimits, cause?: unknown): ImagingError {
  return new ImagingError('DICOM_TOO_DEEP', `sequences nested deeper than ${limits.sequenceDepth}`, { cause });
}

/**
 * @param start the first part of the file, or all of it; undefined when the meta information goes on beyond it
 * @throws ImagingError DICOM_NOT_DICOM, DICOM_NO_TRANSFER_SYNTAX, DICOM_TRUNCATED, DICOM_CORRUPT
 */
function readSyntax(start: Uint8Array, fileSize: number, limits: ReadLimits): TransferSyntax | undefined {
  if (sniffFormat(start) !== 'dicom') {
    throw new ImagingError('DICOM_NOT_DICOM', `no DICM magic at byte 128; ${hexOfStart(start)}`);
  }
  let uid: string | undefined;
  let end = 0;
  try {
    const meta = readPart10Header(start);
    uid = meta.string('x00020010');
    end = meta.position;
  } catch (thrown) {
    if (start.length < fileSize) return undefined;
    throw headerFailure(thrown, fileSize, limits);
  }
  if (uid === undefined || uid === '') {
    if (end >= start.length && start.length < fileSize) return undefined;
    throw new ImagingError(
      'DICOM_NO_TRANSFER_SYNTAX',
      'the file meta information has no Transfer Syntax UID (0002,0010)',
    );
  }
  if (!/^[0-9.]{1,64}$/.test(uid))
    throw new ImagingError('DICOM_CORRUPT', 'the Transfer Syntax UID (0002,0010) is not a UID');
  return transferSyntaxOf(uid);
}

function inflate(stored: Uint8Array, limits: ReadLimits): Uint8Array {
  const most = Math.min(limits.inflatedBytes, stored.length * limits.inflateRatio);
  try {
    return plainBytes(inflateRawSync(stored, { maxOutputLength: Math.max(1, most) }));
  } catch (thrown) {
    if (thrown instanceof RangeError) {
      throw new ImagingError(
        'DICOM_INFLATE_LIMIT',
        `the deflated data set of ${stored.length} bytes grows beyond ${most} bytes`,
        { cause: thrown },
      );
    }
    throw new ImagingError('DICOM_CORRUPT', `the deflated data set cannot be inflated (${thrownText(thrown)})`, {
      cause: thrown,
    });
  }
}

function headerFailure(thrown: unknown, fileSize: number, limits: ReadLimits): ImagingError {
  const partial =
    typeof thrown === 'object' && thrown !== null && 'dataSet' in thrown ? (thrown.dataSet as DataSet) : undefined;
  for (const element of Object.values(partial?.elements ?? {})) {
    if (element.dataOffset + element.length > fileSize) return pastTheEnd(element, fileSize, limits);
  }
  const last = Object.values(partial?.elements ?? {}).reduce<Element | undefined>(
    (latest, element) => (latest === undefined || element.dataOffset >= latest.dataOffset ? element : latest),
    undefined,
  );
  const where = last === undefined ? 'at its first element' : `after element ${formatTag(last.tag)}`;
  const text = thrownText(thrown); // the parser's own words are for who debugs it: they stay in the cause
  return /overrun|past the end|attempt to read/i.test(text)
    ? new ImagingError(
        'DICOM_TRUNCATED',
        `the file of ${fileSize} bytes ends inside its header, ${where}; it was cut: copy it anew from its source`,
        { cause: thrown },
      )
    : new ImagingError(
        'DICOM_CORRUPT',
        `the data set cannot be parsed ${where}: ${whatIsWrong(text)}; export the file anew from its source, or leave it out`,
        { cause: thrown },
      );
}

/** What dicom-parser means. */
function whatIsWrong(text: string): string {
  if (/item tag \(FFFE,E000\) not found/i.test(text)) return 'a sequence has something else where an item must begin';
  if (/parameter '(position|offset|length)'/.test(text)) return 'a length leads out of the file';
  return 'what stands there is no element';
}

/** A length that no permitted file could hold is a wrong length; one that would fit had the file not been cut, a truncation. */
export function pastTheEnd(
  element: Pick<Element, 'tag' | 'length' | 'dataOffset'>,
  fileSize: number,
  limits: ReadLimits,
): ImagingError {
  const left = Math.max(0, fileSize - element.dataOffset);
  const code = element.length > limits.fileBytes ? 'DICOM_LENGTH_OUT_OF_FILE' : 'DICOM_TRUNCATED';
  const reason = `element ${formatTag(element.tag)} states ${element.length} bytes, the file has ${left} left`;
  return new ImagingError(code, reason, { offset: element.dataOffset });
}

/** Iterative, so that the check itself cannot overflow the stack. */
function assertStructure(root: DataSet, limits: ReadLimits): void {
  const size = root.byteArray.length;
  const pending: [dataSet: DataSet, depth: number][] = [[root, 0]];
  let count = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [dataSet, depth] = next;
    if (depth > limits.sequenceDepth) throw tooDeep(limits);
    for (const tag in dataSet.elements) {
      const element = dataSet.elements[tag]!;
      if (++count > limits.elements) {
        throw new ImagingError('DICOM_TOO_MANY_ELEMENTS', `more than ${limits.elements} elements before Pixel Data`);
      }
      // Meta information may lie in other bytes (deflated), and Pixel Data is checked by who reads it.
      if (depth === 0 && (tag === pixelDataTag || tag.startsWith('x0002'))) continue;
      if (element.dataOffset + element.length > size) throw pastTheEnd(element, size, limits);
      for (const item of element.items ?? []) if (item.dataSet !== undefined) pending.push([item.dataSet, depth + 1]);
    }
  }
}

/** `x00280010` as `(0028,0010)`. */
export function formatTag(tag: string): string {
  return `(${tag.slice(1, 5)},${tag.slice(5, 9)})`.toUpperCase();
}

/** Implicit VR files state no VR, so a wrong one can be noticed in explicit files alone. */
export function statesVr(syntax: TransferSyntax): boolean {
  return syntax.uid !== implicitLittleEndian;
}
