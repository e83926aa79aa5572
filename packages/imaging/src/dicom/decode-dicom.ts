import { ImagingError } from '../errors.js';
import type { GreyImage8 } from '../grey-image.js';
import { assertPixelLimit, type ReadLimits } from '../limits.js';
import { assertChestRadiograph } from './assert-chest-radiograph.js';
import type { DicomHeader } from './dicom-header.js';
import { displayTable } from './display-table.js';
import { extractHeader } from './extract-header.js';
import { parseDataSet } from './parse-data-set.js';
import { checkPixelModule } from './pixel-module.js';
import { storedPixels } from './stored-pixels.js';

export interface DecodedDicom extends GreyImage8 {
  readonly header: DicomHeader;
}

/**
 * A single-frame DICOM file to display values 0..255, whatever its modality.
 * @param chestRadiographOnly refuse by the tags, before pixels are decoded
 * @throws ImagingError any DICOM_* or CODEC_* code, IMAGE_LIMIT
 */
export async function decodeDicom(
  bytes: Uint8Array,
  limits: ReadLimits,
  chestRadiographOnly: boolean,
): Promise<DecodedDicom> {
  const parsed = parseDataSet(bytes, bytes.length, limits)!;
  const header = extractHeader(parsed);
  if (chestRadiographOnly) assertChestRadiograph(header);
  if (!header.hasPixelData) throw new ImagingError('DICOM_NO_PIXELS', 'no Pixel Data (7FE0,0010)');
  if (header.numberOfFrames > 1)
    throw new ImagingError('DICOM_MULTIFRAME_UNSUPPORTED', `${header.numberOfFrames} frames`);
  const module = checkPixelModule(header);
  const unbacked =
    parsed.pixelData!.hadUndefinedLength !== true && parsed.pixelData!.length < module.width * module.height;
  if (!unbacked) assertPixelLimit(module.width, module.height, limits);
  const cells = await storedPixels(parsed, module, limits);
  const table = module.samples === 1 ? displayTable(parsed, module) : undefined;
  return {
    width: module.width,
    height: module.height,
    data: table === undefined ? ownBytes(cells) : applyTable(cells, table),
    header,
  };
}

function applyTable(cells: Uint8Array | Uint16Array, table: Uint8Array): Uint8Array {
  const shades = new Uint8Array(cells.length);
  for (let i = 0; i < cells.length; i++) shades[i] = table[cells[i]!]!;
  return shades;
}

/** A view into the file's bytes is copied, so that a kept image does not keep the file. */
function ownBytes(cells: Uint8Array | Uint16Array): Uint8Array {
  const bytes = cells instanceof Uint8Array ? cells : Uint8Array.from(cells);
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
