import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../random/create-random.js';
import { boxArea, boxIou, clipBox, maskOfBoxes, scaleBox, type Box } from './box.js';
import { boxesFromMask } from './boxes-from-mask.js';
import { fitBox, fitImage, fitMask, fitTransform, unfitBox, unfitMap, unfitMask } from './fit-transform.js';

const coordinate = fc.double({ min: -50, max: 150, noNaN: true });
const side = fc.double({ min: 0.01, max: 120, noNaN: true });
const box = fc.record({ x: coordinate, y: coordinate, width: side, height: side });
const wholeBox = fc.record({
  x: fc.integer({ min: 0, max: 15 }),
  y: fc.integer({ min: 0, max: 15 }),
  width: fc.integer({ min: 1, max: 12 }),
  height: fc.integer({ min: 1, max: 12 }),
});

describe('boxes', () => {
  test('IoU by hand', () => {
    expect(boxIou({ x: 0, y: 0, width: 4, height: 4 }, { x: 2, y: 2, width: 4, height: 4 })).toBeCloseTo(4 / 28, 12);
    expect(boxIou({ x: 0, y: 0, width: 4, height: 4 }, { x: 4, y: 0, width: 4, height: 4 })).toBe(0);
    expect(boxIou({ x: 0, y: 0, width: 0, height: 0 }, { x: 0, y: 0, width: 0, height: 0 })).toBe(0);
  });

  test('IoU is symmetric, within 0..1, 1 with itself, and blind to shift and scale', () => {
    fc.assert(
      fc.property(box, box, coordinate, (a, b, shift) => {
        const iou = boxIou(a, b);
        expect(iou).toBe(boxIou(b, a));
        expect(iou).toBeGreaterThanOrEqual(0);
        expect(iou).toBeLessThanOrEqual(1 + 1e-9);
        expect(boxIou(a, a)).toBeCloseTo(1, 6);
        const moved = ({ x, ...rest }: Box) => scaleBox({ ...rest, x: x + shift }, 3, 0.5);
        expect(boxIou(moved(a), moved(b))).toBeCloseTo(iou, 6);
      }),
      { numRuns: 1000, seed: 5 },
    );
  });

  test('IoU of whole boxes counts pixels', () => {
    fc.assert(
      fc.property(wholeBox, wholeBox, (a, b) => {
        const size = { width: 32, height: 32 };
        const [inA, inB] = [maskOfBoxes([a], size), maskOfBoxes([b], size)];
        const shared = inA.reduce((sum, value, i) => sum + (value & inB[i]!), 0);
        const united = inA.reduce((sum, value, i) => sum + (value | inB[i]!), 0);
        expect(boxIou(a, b)).toBeCloseTo(shared / united, 12);
      }),
      { numRuns: 500, seed: 6 },
    );
  });

  test('clipping keeps what is inside and other fields, and says when nothing is', () => {
    const size = { width: 10, height: 8 };
    expect(clipBox({ x: -2, y: 3, width: 5, height: 9, label: 'a' }, size)).toEqual({
      x: 0,
      y: 3,
      width: 3,
      height: 5,
      label: 'a',
    });
    expect(clipBox({ x: 10, y: 0, width: 5, height: 5 }, size)).toBeUndefined();
    fc.assert(
      fc.property(box, (any) => {
        const clipped = clipBox(any, size);
        if (clipped === undefined) return;
        expect(
          clipped.x >= 0 &&
            clipped.y >= 0 &&
            clipped.x + clipped.width <= 10 + 1e-9 &&
            clipped.y + clipped.height <= 8 + 1e-9,
        ).toBe(true);
        expect(boxArea(clipped)).toBeLessThanOrEqual(boxArea(any) + 1e-6);
        expect(clipBox(clipped, size)).toEqual(clipped);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('boxes from masks', () => {
  test('parts touching by a corner are one, small ones are left out', () => {
    // prettier-ignore
    const mask = Uint8Array.of(
      1, 0, 0, 0, 0,
      0, 1, 0, 0, 9,
      0, 0, 0, 0, 0,
      1, 1, 1, 0, 0,
    );
    expect(boxesFromMask(mask, 5, 4)).toEqual([
      { x: 0, y: 0, width: 2, height: 2, area: 2 },
      { x: 4, y: 1, width: 1, height: 1, area: 1 },
      { x: 0, y: 3, width: 3, height: 1, area: 3 },
    ]);
    expect(boxesFromMask(mask, 5, 4, 3)).toEqual([{ x: 0, y: 3, width: 3, height: 1, area: 3 }]);
    expect(boxesFromMask(new Uint8Array(20), 5, 4)).toEqual([]);
  });

  test('a spiral is one part: no recursion, no wrong split', () => {
    const n = 301;
    const mask = new Uint8Array(n * n);
    let [x, y, dx, dy] = [0, 0, 1, 0];
    for (let length = n - 1, turn = 0; length > 0; turn++) {
      for (let i = 0; i < length; i++, x += dx, y += dy) mask[y * n + x] = 1;
      [dx, dy] = [-dy, dx];
      if (turn === 0 || turn % 2 === 0) length -= turn === 0 ? 0 : 2;
    }
    const pixels = mask.reduce((sum, value) => sum + value, 0);
    expect(boxesFromMask(mask, n, n)).toEqual([{ x: 0, y: 0, width: n, height: n, area: pixels }]);
  });

  test('the parts together hold every pixel, and separate boxes come back', () => {
    fc.assert(
      fc.property(fc.array(wholeBox, { maxLength: 5 }), (boxes) => {
        const size = { width: 30, height: 30 };
        const mask = maskOfBoxes(boxes, size);
        const parts = boxesFromMask(mask, 30, 30);
        expect(parts.reduce((sum, part) => sum + part.area, 0)).toBe(mask.reduce((sum, value) => sum + value, 0));
        const covered = maskOfBoxes(parts, size);
        expect(mask.every((value, i) => value <= covered[i]!)).toBe(true);
        if (boxes.length === 1) expect(parts).toEqual([{ ...boxes[0]!, area: boxArea(boxes[0]!) }]);
      }),
      { numRuns: 300, seed: 8 },
    );
  });
});

describe('fitting', () => {
  test('stretch and letterbox by hand', () => {
    const source = { width: 200, height: 100 };
    const target = { width: 64, height: 64 };
    expect(fitTransform(source, target).content).toEqual({ x: 0, y: 0, width: 64, height: 64 });
    const letterbox = fitTransform(source, target, 'letterbox');
    expect(letterbox.content).toEqual({ x: 0, y: 16, width: 64, height: 32 });
    expect(fitBox({ x: 100, y: 50, width: 50, height: 25 }, letterbox)).toEqual({ x: 32, y: 32, width: 16, height: 8 });
    const white = fitImage({ ...source, data: new Uint8Array(20_000).fill(200) }, letterbox, 7);
    expect([white.data[0], white.data[16 * 64], white.data[47 * 64 + 63], white.data[48 * 64]]).toEqual([
      7, 200, 200, 7,
    ]);
  });

  const sizes = fc.record({ width: fc.integer({ min: 1, max: 300 }), height: fc.integer({ min: 1, max: 300 }) });
  const modes = fc.constantFrom('stretch' as const, 'letterbox' as const);

  test('boxes come back to where they were, and stay inside', () => {
    fc.assert(
      fc.property(sizes, sizes, modes, (source, target, mode) => {
        const transform = fitTransform(source, target, mode);
        const whole = { x: 0, y: 0, ...source };
        expect(close(unfitBox(fitBox(whole, transform), transform), whole)).toBe(true);
        expect(close(fitBox(whole, transform), transform.content)).toBe(true);
        const { content } = transform;
        expect(content.x >= 0 && content.y >= 0 && content.width >= 1 && content.height >= 1).toBe(true);
        expect(content.x + content.width <= target.width && content.y + content.height <= target.height).toBe(true);
      }),
      { numRuns: 1000, seed: 9 },
    );
  });

  test('a mask scaled up by a whole factor comes back pixel for pixel', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 4 }),
        modes,
        fc.integer(),
        (w, h, k, mode, seed) => {
          const random = createRandom(seed);
          const mask = new Uint8Array(w * h).map(() => random.int(2));
          const side = Math.max(w, h) * k;
          const target = mode === 'stretch' ? { width: w * k, height: h * k } : { width: side, height: side };
          const transform = fitTransform({ width: w, height: h }, target, mode);
          expect(unfitMask(fitMask(mask, transform), transform)).toEqual(mask);
        },
      ),
      { numRuns: 300, seed: 10 },
    );
  });

  test('the mask and the box of a region go to the same place', () => {
    fc.assert(
      fc.property(wholeBox, modes, (region, mode) => {
        const source = { width: 32, height: 28 };
        const transform = fitTransform(source, { width: 128, height: 96 }, mode);
        const fitted = fitBox(region, transform);
        const [part] = boxesFromMask(fitMask(maskOfBoxes([clipBox(region, source)!], source), transform), 128, 96);
        expect(near(part!, clipBox(fitted, { width: 128, height: 96 })!, 1)).toBe(true);
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  test('a map of one value stays one value', () => {
    const transform = fitTransform({ width: 37, height: 91 }, { width: 16, height: 16 }, 'letterbox');
    const map = unfitMap(new Float32Array(256).fill(0.25), transform);
    expect(map).toHaveLength(37 * 91);
    expect(map.every((value) => Math.abs(value - 0.25) < 1e-6)).toBe(true);
  });
});

function close(a: Box, b: Box): boolean {
  return near(a, b, 1e-6);
}

function near(a: Box, b: Box, tolerance: number): boolean {
  const edges = (c: Box) => [c.x, c.y, c.x + c.width, c.y + c.height];
  return edges(a).every((edge, i) => Math.abs(edge - edges(b)[i]!) <= tolerance);
}
