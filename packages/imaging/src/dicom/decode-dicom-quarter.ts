import type { GreyImage8, Size } from '../grey-image.js';
import { decodeJpegQuarter } from '../jpeg/decode-jpeg-quarter.js';
import { assertPixelLimit, type ReadLimits } from '../limits.js';
import { assertChestRadiograph } from './assert-chest-radiograph.js';
import { extractHeader } from './extract-header.js';
import { frameBytes } from './frame-bytes.js';
import { greyPipeline } from './grey-pipeline.js';
import { parseDataSet } from './parse-data-set.js';
import { checkPixelModule } from './pixel-module.js';

/**
 * `decodeJpegQuarter` of a DICOM file whose display values are its samples, or these inverted: the mean of what a window cuts off is not what a window makes of
 * the mean.
 * @param chestRadiographOnly refuse by the tags, before pixels are decoded
 * @param fits whether an image of this size is wanted at a quarter
 * @returns undefined where the full decoder is needed
 * @throws ImagingError as the full decoder does
 */
export function decodeDicomQuarter(
  bytes: Uint8Array,
  limits: ReadLimits,
  chestRadiographOnly: boolean,
  fits: (size: Size) => boolean,
): GreyImage8 | undefined {
  const parsed = parseDataSet(bytes, bytes.length, limits)!;
  if (parsed.syntax.codec !== 'jpeg') return undefined;
  const header = extractHeader(parsed);
  if (chestRadiographOnly) assertChestRadiograph(header);
  if (!header.hasPixelData || header.numberOfFrames > 1) return undefined;
  const module = checkPixelModule(header);
  const { width, height, samples, bitsAllocated, bitsStored, signed, photometric } = module;
  const plain = samples === 1 && bitsAllocated === 8 && bitsStored === 8 && !signed;
  if (!plain || !photometric.startsWith('MONOCHROME') || !fits(module)) return undefined;
  assertPixelLimit(width, height, limits);
  const { shade } = greyPipeline(parsed, module);
  const shown = (sample: number): number => Math.round(shade(sample) * 255);
  const samplesOfByte = Array.from({ length: 256 }, (_, sample) => sample);
  const inverted = samplesOfByte.every((sample) => shown(sample) === 255 - sample);
  if (!inverted && !samplesOfByte.every((sample) => shown(sample) === sample)) return undefined;
  const quarter = decodeJpegQuarter(frameBytes(parsed, limits));
  if (quarter?.width !== width / 4 || quarter.height !== height / 4) return undefined;
  return inverted ? { ...quarter, data: quarter.data.map((value) => 255 - value) } : quarter;
}
