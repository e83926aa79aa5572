import { ImagingError } from '../errors.js';
import { luma } from '../luma.js';
import { lookUp, paletteTable, type LookupTable } from './lookup-tables.js';
import type { ParsedDataSet } from './parse-data-set.js';

/**
 * Shade 0..1 of a PALETTE COLOR value: its red, green and blue looked up (PS3.3 C.7.9), then their luma.
 * @throws ImagingError DICOM_BAD_PIXEL_MODULE when a table is absent or segmented, or the three are of different bits
 */
export function paletteShade(parsed: ParsedDataSet): (value: number) => number {
  const [red, green, blue] = ['x00281101', 'x00281102', 'x00281103'].map((tag) => {
    const table = paletteTable(parsed, tag);
    if (table === undefined)
      throw new ImagingError('DICOM_BAD_PIXEL_MODULE', 'PALETTE COLOR without plain red, green and blue tables');
    return table;
  }) as [LookupTable, LookupTable, LookupTable];
  if (red.bits !== green.bits || red.bits !== blue.bits)
    throw new ImagingError('DICOM_BAD_PIXEL_MODULE', 'palette tables of different bits');
  const most = 2 ** red.bits - 1;
  return (value) => luma(lookUp(red, value), lookUp(green, value), lookUp(blue, value)) / most;
}
