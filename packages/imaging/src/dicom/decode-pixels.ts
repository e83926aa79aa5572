import { ImagingError } from '../errors.js';
import type { Size } from '../grey-image.js';
import type { ReadLimits } from '../limits.js';
import { decodeFrame } from './decode-dicom.js';
import type { DicomHeader } from './dicom-header.js';
import { displayBytes, greyOfColour } from './display-bytes.js';
import { greyPipeline } from './grey-pipeline.js';
import { modalityTable, rescaleOf, voiTable, windowOf, type Rescale, type VoiWindow } from './lookup-tables.js';
import { paddingOf } from './pixel-padding.js';
import type { ParsedDataSet } from './parse-data-set.js';
import { bitRange, storedValues, type StoredValues } from './stored-value.js';

/**
 * `stored`: as the file has them, masked and signed; colour with three samples. `modality`: after Modality LUT or rescale; colour as
 * luma. `display`: what is shown, 0 black, 255 white.
 */
export type PixelStage = 'stored' | 'modality' | 'display';

export const pixelStages: readonly PixelStage[] = ['stored', 'modality', 'display'];

/** Pixels of a DICOM file at one stage, with the tags that made them. */
export interface DicomPixels extends Size {
  readonly stage: PixelStage;
  /** Values per pixel: 3 for colour at stage `stored`. */
  readonly samples: 1 | 3;
  /** [height * width * samples]. Float64Array at stage `modality`, Uint8Array at `display`. */
  readonly data: StoredValues | Float64Array;
  /** Lowest and highest value that the tags allow; all of `data` lies within. */
  readonly range: readonly [number, number];
  readonly header: DicomHeader;
  readonly tags: PixelTags;
}

/** What besides the header decides about pixel values. */
export interface PixelTags {
  /** A Modality LUT, else rescale. */
  readonly modality: { readonly lutEntries: number; readonly lutBits: number } | Rescale;
  /** A VOI LUT, else a window, else nothing: the full range of the stored bits. */
  readonly voi: { readonly lutEntries: number; readonly lutBits: number } | VoiWindow | null;
  /** Padding values, both included. */
  readonly padding: readonly [number, number] | null;
}

/**
 * The pixels of a single-frame DICOM file at one stage of the pipeline.
 * @throws ImagingError any DICOM_* or CODEC_* code, IMAGE_LIMIT
 */
export async function decodePixels(bytes: Uint8Array, stage: PixelStage, limits: ReadLimits): Promise<DicomPixels> {
  const { parsed, header, module, stored } = await decodeFrame(bytes, limits, false);
  const grey = module.photometric === 'MONOCHROME1' || module.photometric === 'MONOCHROME2';
  const { width, height, signed } = module;
  const common = { stage, width, height, header, tags: pixelTags(parsed, signed) };
  const storedRange = bitRange(module.bitsStored, signed);
  switch (stage) {
    case 'stored': {
      const data = storedValues(stored.cells, stored.bits);
      return checked({ ...common, samples: module.samples, data, range: storedRange });
    }
    case 'modality': {
      const values = stored.colour === undefined ? storedValues(stored.cells, stored.bits) : greyOfColour(stored);
      if (!grey) return checked({ ...common, samples: 1, data: Float64Array.from(values), range: storedRange });
      const { modality, modalityRange } = greyPipeline(parsed, module);
      return checked({ ...common, samples: 1, data: Float64Array.from(values, modality), range: modalityRange });
    }
    case 'display':
      return checked({ ...common, samples: 1, data: displayBytes(parsed, module, stored), range: [0, 255] });
  }
}

function pixelTags(parsed: ParsedDataSet, signed: boolean): PixelTags {
  const modality = modalityTable(parsed, signed);
  const voi = voiTable(parsed, signed);
  const sizeOf = ({ entries, bits }: { entries: Uint16Array; bits: number }) => ({
    lutEntries: entries.length,
    lutBits: bits,
  });
  return {
    modality: modality === undefined ? rescaleOf(parsed) : sizeOf(modality),
    voi: voi === undefined ? (windowOf(parsed) ?? null) : sizeOf(voi),
    padding: paddingOf(parsed, signed) ?? null,
  };
}

/** @throws ImagingError DICOM_BAD_PIXEL_MODULE when a value is outside the range that the tags state */
function checked(pixels: DicomPixels): DicomPixels {
  const [low, high] = pixels.range;
  for (const value of pixels.data) {
    if (value >= low && value <= high) continue;
    throw new ImagingError('DICOM_BAD_PIXEL_MODULE', `a ${pixels.stage} value ${value} outside ${low} .. ${high}`);
  }
  return pixels;
}
