import { lumaOfInterleaved } from '../luma.js';
import { greyPipeline } from './grey-pipeline.js';
import { paletteShade } from './palette.js';
import type { ParsedDataSet } from './parse-data-set.js';
import type { PixelModule } from './pixel-module.js';
import type { StoredCells } from './stored-cells.js';
import { storedValueOf, type CellBits, type Cells } from './stored-value.js';

/**
 * Display values 0 (black) .. 255 (white) of stored cells: the grey-scale pipeline, the palette's luma, or the luma of colour.
 * @returns [height * width], memory of its own
 * @throws ImagingError DICOM_BAD_PIXEL_MODULE
 */
export function displayBytes(parsed: ParsedDataSet, module: PixelModule, stored: StoredCells): Uint8Array {
  if (stored.colour !== undefined) return bytesOfWide(greyOfColour(stored));
  const shade = module.photometric === 'PALETTE COLOR' ? paletteShade(parsed) : greyPipeline(parsed, module).shade;
  return shaded(stored.cells, stored.bits, shade);
}

/** One grey value per pixel of three samples, in their range: Rec. 601 luma of RGB, Y of YBR. */
export function greyOfColour({ cells, colour }: StoredCells): Uint8Array | Uint16Array {
  const samples = cells as Uint8Array | Uint16Array; // colour of 32 bits is refused with the pixel module
  const grey = samples.slice(0, samples.length / 3);
  if (colour === 'RGB') return lumaOfInterleaved(samples, 3, grey);
  for (let i = 0; i < grey.length; i++) grey[i] = samples[3 * i]!;
  return grey;
}

/** Through a table with an entry for each possible cell; cells of 32 bits one by one. */
function shaded(cells: Cells, bits: CellBits, shade: (value: number) => number): Uint8Array {
  const valueOf = storedValueOf(bits);
  const byteOf = (cell: number) => Math.round(shade(valueOf(cell)) * 255);
  const shades = new Uint8Array(cells.length);
  if (cells instanceof Uint32Array) {
    for (let i = 0; i < cells.length; i++) shades[i] = byteOf(cells[i]!);
    return shades;
  }
  const table = Uint8Array.from({ length: 2 ** (8 * cells.BYTES_PER_ELEMENT) }, (_, cell) => byteOf(cell));
  if (cells instanceof Uint8Array && table.every((value, cell) => value === cell)) return cells.slice();
  for (let i = 0; i < cells.length; i++) shades[i] = table[cells[i]!]!;
  return shades;
}

/** 16-bit grey / 257, rounded. */
function bytesOfWide(grey: Uint8Array | Uint16Array): Uint8Array {
  return grey instanceof Uint8Array ? grey : Uint8Array.from(grey, (value) => Math.round(value / 257));
}
