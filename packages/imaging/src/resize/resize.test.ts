import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ImagingError } from '../errors.js';
import { createRandom } from '../random/create-random.js';
import { resizeArea, resizeBilinear, resizeImage } from './resize-image.js';
import { maskCoverage, resizeMaskArea, resizeMaskNearest } from './resize-mask.js';

function noise(width: number, height: number, seed: number): { width: number; height: number; data: Uint8Array } {
  const random = createRandom(seed, 'noise', width, height);
  return { width, height, data: new Uint8Array(width * height).map(() => random.int(256)) };
}

test('whole factors are plain block means, rounded half up', () => {
  const image = { width: 4, height: 2, data: Uint8Array.of(0, 1, 10, 20, 2, 3, 30, 41) };
  expect([...resizeArea(image, 2, 1).data]).toEqual([2, 25]); // 1.5 and 25.25
});

test('broken factors weigh each pixel by the area covered', () => {
  const image = { width: 3, height: 1, data: Float32Array.of(0, 30, 90) };
  expect([...resizeArea(image, 2, 1).data]).toEqual([10, 70]); // (0 + 30 / 2) / 1.5, (30 / 2 + 90) / 1.5
});

test('whole factors give what weights give', () => {
  const [side, factor] = [fc.integer({ min: 1, max: 12 }), fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 12, 32)];
  fc.assert(
    fc.property(side, side, factor, factor, fc.integer(), (width, height, fx, fy, seed) => {
      const image = noise(width * fx, height * fy, seed);
      const weighted = resizeArea({ ...image, data: Uint16Array.from(image.data) }, width, height);
      expect([...resizeArea(image, width, height).data]).toEqual([...weighted.data]);
    }),
    { numRuns: 300, seed: 4 },
  );
  const white = { width: 64, height: 64, data: new Uint8Array(64 * 64).fill(255) };
  for (const side of [1, 2, 4, 8, 16]) expect(new Set(resizeArea(white, side, side).data)).toEqual(new Set([255]));
});

test('area averaging keeps the mean exactly, whatever the sizes', () => {
  const size = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(size, size, size, size, fc.integer(), (width, height, w, h, seed) => {
      const image = noise(width, height, seed);
      const float = { ...image, data: Float32Array.from(image.data) };
      const mean = average(image.data);
      expect(average(resizeArea(float, w, h).data)).toBeCloseTo(mean, 4);
      expect(Math.abs(average(resizeArea(image, w, h).data) - mean)).toBeLessThanOrEqual(0.5);
      for (const value of resizeArea(image, w, h).data) expect(value).toBeLessThanOrEqual(Math.max(...image.data));
    }),
    { numRuns: 500, seed: 3 },
  );
});

test('the same size gives the same pixels, for every method', () => {
  const image = noise(13, 9, 1);
  for (const resize of [resizeArea, resizeBilinear, resizeImage]) expect(resize(image, 13, 9)).toEqual(image);
});

test('a flipped image gives the flipped result: exact sums have no direction', () => {
  const image = noise(37, 23, 5);
  const flipped = { ...image, data: image.data.slice().reverse() };
  expect(resizeArea(flipped, 11, 7).data).toEqual(resizeArea(image, 11, 7).data.slice().reverse());
  expect(resizeBilinear(flipped, 80, 50).data).toEqual(resizeBilinear(image, 80, 50).data.slice().reverse());
});

test('bilinear doubles a ramp with edges held', () => {
  const image = { width: 2, height: 1, data: Float32Array.of(0, 8) };
  expect([...resizeBilinear(image, 4, 1).data]).toEqual([0, 2, 6, 8]);
});

test('resizeImage averages what shrinks and interpolates what grows; other fields are kept', () => {
  const image = { width: 4, height: 1, data: Uint16Array.of(0, 100, 200, 4000), range: [0, 4095] as const };
  const resized = resizeImage(image, 2, 2);
  expect(resized).toEqual({ width: 2, height: 2, data: Uint16Array.of(50, 2100, 50, 2100), range: [0, 4095] });
});

test('masks: nearest picks centres, area counts', () => {
  const mask = Uint8Array.of(1, 0, 0, 0, 1, 1, 0, 0); // 4 x 2
  const from = { width: 4, height: 2 };
  const to = { width: 2, height: 1 };
  expect([...maskCoverage(mask, from, to)]).toEqual([0.75, 0]);
  expect([...resizeMaskArea(mask, from, to)]).toEqual([1, 0]);
  expect([...resizeMaskNearest(mask, from, to)]).toEqual([1, 0]);
  expect([...resizeMaskNearest(Uint8Array.of(7, 9), { width: 2, height: 1 }, { width: 4, height: 2 })]).toEqual([
    7, 7, 9, 9, 7, 7, 9, 9,
  ]);
});

test('scaling a mask up by whole factors and down again gives it back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer(),
      (width, height, k, seed) => {
        const mask = noise(width, height, seed).data.map((value) => value & 1);
        const from = { width, height };
        const to = { width: width * k, height: height * k };
        expect(resizeMaskArea(resizeMaskNearest(mask, from, to), to, from)).toEqual(mask);
        expect(resizeMaskArea(mask, from, to)).toEqual(resizeMaskNearest(mask, from, to));
      },
    ),
    { numRuns: 300, seed: 4 },
  );
});

test.each([0, -1, 1.5, NaN])('a target width of %s is refused', (width) => {
  expect(() => resizeArea(noise(3, 3, 0), width, 2)).toThrow(ImagingError);
  expect(() => resizeMaskArea(new Uint8Array(9), { width: 3, height: 3 }, { width, height: 2 })).toThrow(ImagingError);
});

test('data of another length than the size says is refused', () => {
  expect(() => resizeArea({ width: 3, height: 3, data: new Uint8Array(8) }, 2, 2)).toThrow(/needs 9 values, got 8/);
});

function average(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
