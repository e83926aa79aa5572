import { describe, expect, test } from 'vitest';
import { readGolden } from '../golden-files.js';
import { equaliseAdaptively } from './clahe.js';

interface Case {
  readonly width: number;
  readonly height: number;
  readonly tiles: number;
  readonly clipLimit: number;
  readonly image: string;
  readonly expected: string;
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

describe('as OpenCV equalises', () => {
  test.each(readGolden('clahe') as Case[])(
    '$width x $height in $tiles x $tiles tiles, clip limit $clipLimit',
    ({ width, height, tiles, clipLimit, image, expected }) => {
      const { data } = equaliseAdaptively({ width, height, data: bytes(image) }, clipLimit, tiles);
      expect(data).toEqual(bytes(expected));
    },
  );
});

test('an image of one value stays of one value; one smaller than its tiles is equalised too', () => {
  const flat = equaliseAdaptively({ width: 32, height: 32, data: new Uint8Array(1024).fill(77) }, 2, 8);
  expect(new Set(flat.data).size).toBe(1);
  expect(equaliseAdaptively({ width: 3, height: 1, data: Uint8Array.of(1, 2, 3) }, 2, 8).data).toHaveLength(3);
});
