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

/** What reads the value in a cell: `bits` bits above `shift`, the highest of them the sign if there is one. */
export function storedValueOf({ bits, shift, signed }: CellBits): (cell: number) => number {
  const size = 2 ** bits;
  const negative = signed ? size / 2 : Infinity;
  if (bits === 32) return (cell) => (cell >= negative ? cell - size : cell);
  const mask = size - 1;
  return (cell) => {
    const value = (cell >>> shift) & mask;
    return value >= negative ? value - size : value;
  };
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
  const valueOf = storedValueOf(bits);
  for (let i = 0; i < cells.length; i++) values[i] = valueOf(cells[i]!);
  return values;
}

/** Lowest and highest value of so many bits. */
export function bitRange(bits: number, signed: boolean): readonly [number, number] {
  return signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** @throws ImagingError DICOM_BAD_PIXEL_MODULE when a frame deeper than BitsStored uses more than BitsStored */
export function assertStoredBits(cells: Cells, bits: CellBits, bitsStored: number): void {
  const [low, high] = bitRange(bitsStored, bits.signed);
  const valueOf = storedValueOf(bits);
  for (let i = 0; i < cells.length; i++) {
    const value = valueOf(cells[i]!);
    if (value < low || value > high)
      throw new ImagingError('DICOM_BAD_PIXEL_MODULE', `BitsStored ${bitsStored}, but the frame holds ${value}`);
  }
}
