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

export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'golden', `${name}.json`), 'utf8'));
}
