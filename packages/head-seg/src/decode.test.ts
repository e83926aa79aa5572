import { decodeRle, maskOfBoxes } from '@multichexnet/imaging';
import { maskDice, maskOverlap } from '@multichexnet/metrics';
import { expect, test } from 'vitest';
import { decode, decodeEmpty } from './decode.js';

const logitsOf = (mask: Uint8Array): Float32Array => Float32Array.from(mask, (pixel) => (pixel === 1 ? 9 : -9));

test('a mask comes back at the original size, in SIIM-ACR’s encoding', () => {
  const small = maskOfBoxes([{ x: 2, y: 1, width: 3, height: 4 }], { width: 8, height: 8 });
  const { mask, area } = decode(logitsOf(small), 0.5, { inputSize: 8, width: 80, height: 40 });
  expect([mask.width, mask.height]).toEqual([80, 40]);
  const pixels = decodeRle([mask.rle], { width: 80, height: 40, relative: true });
  const expected = maskOfBoxes([{ x: 20, y: 5, width: 30, height: 20 }], { width: 80, height: 40 });
  // straight edges fall on the same pixels; interpolation rounds the corners
  expect(maskDice(maskOverlap(pixels, expected))).toBeGreaterThan(0.97);
  expect(pixels.subarray(12 * 80, 13 * 80)).toEqual(expected.subarray(12 * 80, 13 * 80));
  expect(area).toBe(pixels.reduce((sum, pixel) => sum + pixel, 0) / (80 * 40));
});

test('where borders were cut off, the mask lies in its place in the film', () => {
  const small = maskOfBoxes([{ x: 0, y: 0, width: 8, height: 8 }], { width: 8, height: 8 });
  const shown = { x: 11, y: 3, width: 40, height: 30 };
  const { mask } = decode(logitsOf(small), 0.5, { inputSize: 8, width: 80, height: 40, shown });
  expect(decodeRle([mask.rle], { width: 80, height: 40, relative: true })).toEqual(
    maskOfBoxes([shown], { width: 80, height: 40 }),
  );
});

test('nothing above the threshold, or a gate that held the image back, is an empty mask', () => {
  const geometry = { inputSize: 2, width: 5, height: 3 };
  const empty = { mask: { width: 5, height: 3, rle: '-1' }, area: 0 };
  expect(decode(Float32Array.of(0, 0, 0, 0), 0.6, geometry)).toEqual(empty);
  expect(decodeEmpty(geometry)).toEqual(empty);
});
