import { ImagingError } from '../errors.js';
import { formatTag, type ParsedDataSet } from './parse-data-set.js';

/**
 * Lowest and highest padding value, both included: Pixel Padding Value (0028,0120), to Pixel Padding Range Limit (0028,0121) where that
 * is given (PS3.3 C.7.5.1.1.2), in either order.
 * @returns undefined when nothing is padded
 * @throws ImagingError DICOM_BAD_PIXEL_MODULE
 */
export function paddingOf(parsed: ParsedDataSet, signed: boolean): readonly [number, number] | undefined {
  const value = paddingNumber(parsed, 'x00280120', signed);
  if (value === undefined) return undefined;
  const limit = paddingNumber(parsed, 'x00280121', signed) ?? value;
  return [Math.min(value, limit), Math.max(value, limit)];
}

function paddingNumber({ dataSet }: ParsedDataSet, tag: string, signed: boolean): number | undefined {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length === 0) return undefined;
  if (element.length !== 2)
    throw new ImagingError('DICOM_BAD_PIXEL_MODULE', `${formatTag(tag)} is not one 16-bit number`, {
      offset: element.dataOffset,
    });
  return signed ? dataSet.int16(tag) : dataSet.uint16(tag);
}
