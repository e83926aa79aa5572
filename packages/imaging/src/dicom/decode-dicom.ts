import { ImagingError } from '../errors.js';
import type { GreyImage8 } from '../grey-image.js';
import { assertPixelLimit, type ReadLimits } from '../limits.js';
import { assertChestRadiograph } from './assert-chest-radiograph.js';
import type { DicomHeader } from './dicom-header.js';
import { displayBytes } from './display-bytes.js';
import { extractHeader } from './extract-header.js';
import { parseDataSet, type ParsedDataSet } from './parse-data-set.js';
import { checkPixelModule, type PixelModule } from './pixel-module.js';
import { storedCells, type StoredCells } from './stored-cells.js';

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
  const { parsed, header, module, stored } = await decodeFrame(bytes, limits, chestRadiographOnly);
  return { width: module.width, height: module.height, data: displayBytes(parsed, module, stored), header };
}

/** A DICOM file up to the samples in their cells. */
export interface DecodedFrame {
  readonly parsed: ParsedDataSet;
  readonly header: DicomHeader;
  readonly module: PixelModule;
  readonly stored: StoredCells;
}

/** {@link decodeDicom} without the way to display values. */
export async function decodeFrame(
  bytes: Uint8Array,
  limits: ReadLimits,
  chestRadiographOnly: boolean,
): Promise<DecodedFrame> {
  const parsed = parseDataSet(bytes, bytes.length, limits)!;
  const header = extractHeader(parsed);
  if (chestRadiographOnly) assertChestRadiograph(header);
  if (!header.hasPixelData) throw new ImagingError('DICOM_NO_PIXELS', 'no Pixel Data (7FE0,0010)');
  if (header.numberOfFrames > 1)
    throw new ImagingError('DICOM_MULTIFRAME_UNSUPPORTED', `${header.numberOfFrames} frames`);
  const module = checkPixelModule(header);
  // Native pixels that are not there are reported as that, however large the size that the header states.
  const unbacked =
    parsed.pixelData!.hadUndefinedLength !== true &&
    parsed.pixelData!.length < (module.width * module.height * module.bitsAllocated) / 8;
  if (!unbacked) assertPixelLimit(module.width, module.height, limits);
  return { parsed, header, module, stored: await storedCells(parsed, module, limits) };
}
