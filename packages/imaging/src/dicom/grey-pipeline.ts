import { ImagingError } from '../errors.js';
import { lookUp, modalityTable, rescaleOf, voiTable, windowOf, type VoiWindow } from './lookup-tables.js';
import { paddingOf } from './pixel-padding.js';
import type { ParsedDataSet } from './parse-data-set.js';
import type { PixelModule } from './pixel-module.js';
import { bitRange } from './stored-value.js';

type Curve = (value: number) => number;

/** How stored values become modality values and shades of grey. */
export interface GreyPipeline {
  /** Modality LUT or rescale. */
  readonly modality: Curve;
  /** Modality values of the darkest and the lightest stored value. */
  readonly modalityRange: readonly [number, number];
  /** Stored value to 0 (black) .. 1 (white), MONOCHROME1 inverted and padding black. */
  readonly shade: Curve;
}

/**
 * The grey-scale pipeline of PS3.4 N.2: stored value -> Modality LUT or rescale -> VOI LUT or window (a table wins over a window; the
 * full range of the stored bits when there is neither) -> MONOCHROME1 inversion. Padding (PS3.3 C.7.5.1.1.2) is no part of the image:
 * black, whatever the curves say.
 * @throws ImagingError DICOM_BAD_PIXEL_MODULE
 */
export function greyPipeline(parsed: ParsedDataSet, module: PixelModule): GreyPipeline {
  const { modality, range } = modalityCurve(parsed, module);
  const voi = voiCurve(parsed, range);
  const invert = module.photometric === 'MONOCHROME1';
  const padding = paddingOf(parsed, module.signed);
  const shown: Curve = (value) => {
    const shade = clamp(voi(modality(value)));
    return invert ? 1 - shade : shade;
  };
  const shade: Curve =
    padding === undefined ? shown : (value) => (value >= padding[0] && value <= padding[1] ? 0 : shown(value));
  return { modality, modalityRange: range, shade };
}

interface ModalityCurve {
  readonly modality: Curve;
  /** Modality values of the darkest and the lightest stored value. */
  readonly range: readonly [number, number];
}

function modalityCurve(parsed: ParsedDataSet, module: PixelModule): ModalityCurve {
  const table = modalityTable(parsed, module.signed);
  if (table !== undefined) return { modality: (value) => lookUp(table, value), range: [0, 2 ** table.bits - 1] };
  const { slope, intercept } = rescaleOf(parsed);
  const modality: Curve = (value) => value * slope + intercept;
  const [low, high] = bitRange(module.bitsStored, module.signed).map(modality) as [number, number];
  if (!Number.isFinite(high - low)) {
    throw new ImagingError(
      'DICOM_BAD_PIXEL_MODULE',
      `rescale by ${slope} and ${intercept} leaves the range of numbers`,
    );
  }
  return { modality, range: [Math.min(low, high), Math.max(low, high)] };
}

function voiCurve(parsed: ParsedDataSet, range: readonly [number, number]): Curve {
  const table = voiTable(parsed, range[0] < 0);
  if (table !== undefined) return (value) => lookUp(table, Math.round(value)) / (2 ** table.bits - 1);
  const window = windowOf(parsed);
  if (window !== undefined) return windowCurve(window);
  const [low, high] = range;
  return high > low ? (value) => (value - low) / (high - low) : () => 0;
}

/** PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.2 (LINEAR_EXACT), C.11.2.1.3.1 (SIGMOID), output 0 .. 1. */
function windowCurve({ center, width, shape }: VoiWindow): Curve {
  switch (shape) {
    case 'LINEAR':
      if (width === 1) return (value) => (value > center - 0.5 ? 1 : 0);
      return (value) => (value - (center - 0.5)) / (width - 1) + 0.5;
    case 'LINEAR_EXACT':
      return (value) => (value - center) / width + 0.5;
    case 'SIGMOID':
      return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  }
}

function clamp(shade: number): number {
  return shade < 0 ? 0 : shade > 1 ? 1 : shade;
}
