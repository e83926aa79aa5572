import type { DataSet } from 'dicom-parser';
import { ImagingError } from '../errors.js';
import { chestViews, type DicomHeader } from './dicom-header.js';
import { parseAge } from './parse-age.js';
import { formatTag, statesVr, type ParsedDataSet } from './parse-data-set.js';

/**
 * Reads the typed header out of a parsed data set.
 * @throws ImagingError DICOM_BAD_GEOMETRY when Rows or Columns are absent, zero or not US (a reader that takes UL for US reads
 * beyond its buffer), DICOM_BAD_PIXEL_MODULE for a number that cannot be
 */
export function extractHeader(parsed: ParsedDataSet): DicomHeader {
  const { dataSet } = parsed;
  const rows = dimension(parsed, 'x00280010', 'Rows');
  const columns = dimension(parsed, 'x00280011', 'Columns');
  const viewPosition = code(dataSet, 'x00185101');
  const patientPosition = code(dataSet, 'x00185100');
  const sex = code(dataSet, 'x00100040');
  return {
    transferSyntax: parsed.syntax,
    sopClassUid: text(dataSet, 'x00080016'),
    sopInstanceUid: text(dataSet, 'x00080018'),
    studyInstanceUid: text(dataSet, 'x0020000d'),
    seriesInstanceUid: text(dataSet, 'x0020000e'),
    patientId: text(dataSet, 'x00100020'),
    patientSex: sex === 'M' || sex === 'F' || sex === 'O' ? sex : undefined,
    ageYears: parseAge(text(dataSet, 'x00101010')),
    viewPosition:
      viewPosition ?? (patientPosition !== undefined && chestViews.has(patientPosition) ? patientPosition : undefined),
    patientPosition,
    modality: code(dataSet, 'x00080060'),
    bodyPartExamined: code(dataSet, 'x00180015'),
    rows,
    columns,
    numberOfFrames: frames(dataSet),
    photometricInterpretation: code(dataSet, 'x00280004'),
    samplesPerPixel: uint16(parsed, 'x00280002') ?? 1,
    planarConfiguration: uint16(parsed, 'x00280006') ?? 0,
    bitsAllocated: uint16(parsed, 'x00280100'),
    bitsStored: uint16(parsed, 'x00280101'),
    highBit: uint16(parsed, 'x00280102'),
    pixelRepresentation: uint16(parsed, 'x00280103') === 1 ? 1 : 0,
    hasPixelData: parsed.pixelData !== undefined,
  };
}

/** First value of a string element, trimmed; undefined when absent or empty. */
export function text(dataSet: DataSet, tag: string): string | undefined {
  const value = dataSet.string(tag, 0)?.replace(/\0+$/, '').trim();
  return value === undefined || value === '' ? undefined : value;
}

function code(dataSet: DataSet, tag: string): string | undefined {
  return text(dataSet, tag)?.toUpperCase();
}

/** @throws ImagingError DICOM_BAD_PIXEL_MODULE when the element is not a single US */
export function uint16(parsed: ParsedDataSet, tag: string): number | undefined {
  const element = parsed.dataSet.elements[tag];
  if (element === undefined || element.length === 0) return undefined;
  if (element.length !== 2 || (statesVr(parsed.syntax) && element.vr !== 'US')) {
    throw new ImagingError('DICOM_BAD_PIXEL_MODULE', `${formatTag(tag)} is not one unsigned 16-bit number`, {
      offset: element.dataOffset,
    });
  }
  return parsed.dataSet.uint16(tag);
}

function dimension(parsed: ParsedDataSet, tag: string, name: string): number {
  const element = parsed.dataSet.elements[tag];
  if (element === undefined && parsed.pixelData === undefined) return 0;
  if (element === undefined) throw new ImagingError('DICOM_BAD_GEOMETRY', `${name} ${formatTag(tag)} is absent`);
  if (element.length !== 2 || (statesVr(parsed.syntax) && element.vr !== 'US')) {
    throw new ImagingError('DICOM_BAD_GEOMETRY', `${name} ${formatTag(tag)} is not one unsigned 16-bit number`, {
      offset: element.dataOffset,
    });
  }
  const value = parsed.dataSet.uint16(tag) ?? 0;
  if (value === 0)
    throw new ImagingError('DICOM_BAD_GEOMETRY', `${name} ${formatTag(tag)} is 0`, { offset: element.dataOffset });
  return value;
}

function frames(dataSet: DataSet): number {
  const value = text(dataSet, 'x00280008');
  if (value === undefined) return 1;
  if (!/^\+?\d{1,9}$/.test(value) || Number(value) < 1) {
    throw new ImagingError('DICOM_BAD_PIXEL_MODULE', 'Number of Frames (0028,0008) is not a whole number >= 1');
  }
  return Number(value);
}
