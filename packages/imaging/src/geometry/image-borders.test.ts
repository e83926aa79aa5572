import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GreyImage8 } from '../grey-image.js';
import { createRandom } from '../random/create-random.js';
import type { Box } from './box.js';
import { cropImage, insideBorders } from './image-borders.js';

/** Greys of 40..200 in `inner`, the border's grey elsewhere. */
function framed(width: number, height: number, inner: Box, border: number): GreyImage8 {
  const random = createRandom(width, height, border);
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inside = x >= inner.x && y >= inner.y && x < inner.x + inner.width && y < inner.y + inner.height;
    return inside ? 40 + random.int(160) : border;
  });
  return { width, height, data };
}

test('a frame of black or white is found to the pixel, and cut off', () => {
  const inner = fc.record({
    x: fc.integer({ min: 0, max: 12 }),
    y: fc.integer({ min: 0, max: 12 }),
    width: fc.integer({ min: 40, max: 52 }),
    height: fc.integer({ min: 30, max: 38 }),
  });
  fc.assert(
    fc.property(inner, fc.constantFrom(0, 3, 250, 255), (box, border) => {
      const image = framed(64, 50, box, border);
      expect(insideBorders(image)).toEqual(box);
      const cut = cropImage(image, box);
      expect(cut.data).toHaveLength(box.width * box.height);
      expect(cut.data.every((value) => value >= 40 && value < 200)).toBe(true);
      expect(cut.data[0]).toBe(image.data[box.y * 64 + box.x]);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('grey frames, flat images and images without a frame are left whole', () => {
  const whole = { x: 0, y: 0, width: 64, height: 50 };
  expect(insideBorders(framed(64, 50, { x: 8, y: 8, width: 40, height: 30 }, 128))).toEqual(whole);
  expect(insideBorders(framed(64, 50, { x: 0, y: 0, width: 0, height: 0 }, 0))).toEqual(whole);
  expect(insideBorders(framed(64, 50, { x: 30, y: 20, width: 8, height: 8 }, 0))).toEqual(whole);
  expect(insideBorders(framed(64, 50, whole, 0))).toEqual(whole);
});

test('a marker burned into the frame does not hide it when the share allows it', () => {
  const image = framed(64, 50, { x: 10, y: 0, width: 54, height: 50 }, 0);
  for (let y = 2; y < 6; y++) image.data.fill(255, y * 64 + 2, y * 64 + 6);
  expect(insideBorders(image).x).toBe(2);
  expect(insideBorders(image, { share: 0.9 })).toEqual({ x: 10, y: 0, width: 54, height: 50 });
});

test('a frame in a frame, and a bar between two bars, are cut off whole', () => {
  const paint = (width: number, height: number, grey: (x: number, y: number) => number) => ({
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) => grey(i % width, Math.floor(i / width))),
  });
  const film = (x: number, y: number): number => 60 + ((7 * x + 13 * y) % 90);
  const frames = paint(200, 200, (x, y) => {
    const edge = Math.min(x, y, 199 - x, 199 - y);
    return edge < 5 ? 255 : edge < 25 ? 0 : film(x, y);
  });
  expect(insideBorders(frames)).toEqual({ x: 25, y: 25, width: 150, height: 150 });
  const bars = paint(200, 200, (x, y) => (x < 30 || x >= 170 ? 0 : y < 20 ? 255 : film(x, y)));
  expect(insideBorders(bars)).toEqual({ x: 30, y: 20, width: 140, height: 180 });
});
