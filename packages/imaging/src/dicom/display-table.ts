import { ImagingError } from '../errors.js';
import { modalityTable, rescaleOf, voiTable, windowOf, type LookupTable, type VoiWindow } from './lookup-tables.js';
import type { ParsedDataSet } from './parse-data-set.js';
import type { PixelModule } from './pixel-module.js';

type Curve = (value: number) => number;

/**
 * The whole grey-scale pipeline as one table from a stored cell to a display value 0..255, in the order of PS3.4 N.2:
 * mask and sign of the stored bits -> Modality LUT or rescale -> VOI LUT or window (a table wins over a window; the full range
 * of the stored bits when there is neither) -> MONOCHROME1 inversion. Indexed by the cell masked to BitsAllocated bits.
 * @returns [2^bitsAllocated]; undefined when display values equal stored ones
 * @throws ImagingError DICOM_BAD_PIXEL_MODULE
 */
export function displayTable(parsed: ParsedDataSet, module: PixelModule): Uint8Array | undefined {
  const cells = 2 ** module.bitsAllocated;
  const { modality, range } = modalityCurve(parsed, module);
  const voi = voiCurve(parsed, range);
  const invert = module.photometric === 'MONOCHROME1';
  const table = new Uint8Array(cells);
  let identity = cells === 256;
  for (let cell = 0; cell < cells; cell++) {
    const shade = clamp(voi(modality(storedValue(cell, module)))); // 0 .. 1
    table[cell] = Math.round((invert ? 1 - shade : shade) * 255);
    identity &&= table[cell] === cell;
  }
  return identity ? undefined : table;
}

/** The stored value in a cell: BitsStored bits below HighBit, two's complement if PixelRepresentation says so. */
export function storedValue(cell: number, module: PixelModule): number {
  const size = 2 ** module.bitsStored;
  const value = (cell >> module.shift) & (size - 1);
  return module.signed && value >= size / 2 ? value - size : value;
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
  const size = 2 ** module.bitsStored;
  const low = modality(module.signed ? -size / 2 : 0);
  const high = modality(module.signed ? size / 2 - 1 : size - 1);
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

function lookUp(table: LookupTable, value: number): number {
  const index = Math.min(Math.max(value - table.first, 0), table.entries.length - 1);
  return table.entries[index]!;
}

function clamp(shade: number): number {
  return shade < 0 ? 0 : shade > 1 ? 1 : shade;
}
