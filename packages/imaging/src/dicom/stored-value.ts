import { ImagingError } from '../errors.js';

/** Samples as the file holds them: unsigned, of 8 (or 1), 16 or 32 bits allocated. */
export type Cells = Uint8Array | Uint16Array | Uint32Array;

/** Where in a cell its value is. */
export interface CellBits {
  /** Bits of the value, 1..32. */
  readonly bits: number;
  /** Bits below the value. */
  readonly shift: number;
  /** Two's complement. */
  readonly signed: boolean;
}

/** The value in a cell: `bits` bits above `shift`, the highest of them the sign if there is one. */
export function storedValue(cell: number, { bits, shift, signed }: CellBits): number {
  const value = bits === 32 ? cell : (cell >>> shift) & (2 ** bits - 1);
  return signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

export type StoredValues = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** All values, in the smallest array that the bits allocated need. */
export function storedValues(cells: Cells, bits: CellBits): StoredValues {
  const bytes = cells.BYTES_PER_ELEMENT;
  const Values = bits.signed
    ? bytes === 1
      ? Int8Array
      : bytes === 2
        ? Int16Array
        : Int32Array
    : bytes === 1
      ? Uint8Array
      : bytes === 2
        ? Uint16Array
        : Uint32Array;
  const values = new Values(cells.length);
  for (let i = 0; i < cells.length; i++) values[i] = storedValue(cells[i]!, bits);
  return values;
}

/** Lowest and highest value of so many bits. */
export function bitRange(bits: number, signed: boolean): readonly [number, number] {
  return signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** @throws ImagingError DICOM_BAD_PIXEL_MODULE when a frame deeper than BitsStored uses more than BitsStored */
export function assertStoredBits(cells: Cells, bits: CellBits, bitsStored: number): void {
  const [low, high] = bitRange(bitsStored, bits.signed);
  for (const cell of cells) {
    const value = storedValue(cell, bits);
    if (value < low || value > high)
      throw new ImagingError('DICOM_BAD_PIXEL_MODULE', `BitsStored ${bitsStored}, but the frame holds ${value}`);
  }
}
