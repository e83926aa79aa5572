import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** For tests: what tools/golden/imaging.py wrote. */
export interface GoldenImage {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** 8-bit grey, row-major. */
  readonly expected: Uint8Array;
  /** Largest difference in grey levels. */
  readonly tolerance: number;
}

export function goldenImages(format: 'png' | 'jpeg' | 'dicom'): GoldenImage[] {
  const cases = readGolden(format) as {
    name: string;
    file: string;
    width: number;
    height: number;
    expected: string;
    tolerance: number;
  }[];
  return cases.map(({ file, expected, ...rest }) => ({
    ...rest,
    bytes: new Uint8Array(Buffer.from(file, 'base64')),
    expected: new Uint8Array(Buffer.from(expected, 'base64')),
  }));
}

/** What tools/golden/imaging_codecs.py wrote. */
export interface GoldenPixels {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** [height, width] or [height, width, 3]. */
  readonly shape: readonly number[];
  /** Stored values, row-major. */
  readonly stored: Uint8Array | Uint16Array | Int16Array | Uint32Array;
  /** 8-bit display values of grey files. */
  readonly display: Uint8Array | undefined;
}

const arrays = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, uint32: Uint32Array };

export function goldenPixels(): GoldenPixels[] {
  const cases = readGolden('dicom-codecs') as {
    name: string;
    file: string;
    shape: number[];
    dtype: keyof typeof arrays;
    stored: string;
    display?: string;
  }[];
  return cases.map(({ name, file, shape, dtype, stored, display }) => ({
    name,
    bytes: fromBase64(file),
    shape,
    stored: new arrays[dtype](fromBase64(stored).buffer),
    display: display === undefined ? undefined : fromBase64(display),
  }));
}

/** Memory of its own, so that it may be read as wider numbers. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}

export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'golden', `${name}.json`), 'utf8'));
}
