import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxIou, maskOfBoxes, type Box } from '../geometry/box.js';
import { boxesFromMask } from '../geometry/boxes-from-mask.js';
import { createRandom } from '../random/create-random.js';
import { applyAugmentation, augment, drawAugmentation, type Augmentation, type AugmentOptions } from './augment.js';

const size = { width: 96, height: 80 };
const still: Augmentation = {
  flip: false,
  rotation: 0,
  scale: 1,
  translateX: 0,
  translateY: 0,
  gamma: 1,
  contrast: 1,
  brightness: 0,
};
const strong: AugmentOptions = {
  flip: 0.5,
  rotation: 15,
  scale: [0.8, 1.25],
  translate: 0.1,
  gamma: [0.7, 1.4],
  contrast: [0.8, 1.2],
  brightness: 0.1,
};

function sampleOf<B extends Box>(boxes: readonly B[], seed = 1) {
  const random = createRandom(seed, 'pixels');
  const data = new Uint8Array(size.width * size.height).map(() => random.int(256));
  return { image: { ...size, data }, boxes, mask: maskOfBoxes(boxes, size) };
}

test('no options change nothing', () => {
  const sample = sampleOf([{ x: 10, y: 12, width: 20, height: 8 }]);
  const out = augment(sample, {}, createRandom(1));
  expect(out).toEqual({ image: sample.image, boxes: sample.boxes, keptBoxes: [0], mask: sample.mask });
  expect(out.image.data).not.toBe(sample.image.data);
});

test('the same stream gives the same bytes; another gives others', () => {
  const sample = sampleOf([{ x: 10, y: 12, width: 20, height: 8 }]);
  const run = (epoch: number) => augment(sample, strong, createRandom(7, 'augment', 'a.png', epoch));
  expect(run(1)).toEqual(run(1));
  expect(run(1).image.data).not.toEqual(run(2).image.data);
});

test('switching one change off leaves the others as they were', () => {
  const all = drawAugmentation(strong, createRandom(4));
  const { rotation: _, ...others } = strong;
  const without = drawAugmentation(others, createRandom(4));
  expect(without).toEqual({ ...all, rotation: 0 });
});

test('draws stay within their ranges', () => {
  for (let i = 0; i < 500; i++) {
    const drawn = drawAugmentation(strong, createRandom(9, i));
    expect(Math.abs(drawn.rotation)).toBeLessThanOrEqual(15);
    expect(drawn.scale >= 0.8 && drawn.scale <= 1.25).toBe(true);
    expect(
      Math.abs(drawn.translateX) <= 0.1 && Math.abs(drawn.translateY) <= 0.1 && Math.abs(drawn.brightness) <= 0.1,
    ).toBe(true);
    expect(drawn.gamma >= 0.7 && drawn.gamma <= 1.4 && drawn.contrast >= 0.8 && drawn.contrast <= 1.2).toBe(true);
  }
});

describe('exact cases', () => {
  test('a flip mirrors pixels, boxes and mask, and twice is none', () => {
    const sample = sampleOf([{ x: 10, y: 12, width: 20, height: 8 }]);
    const flipped = applyAugmentation(sample, { ...still, flip: true });
    expect(flipped.boxes).toEqual([{ x: 66, y: 12, width: 20, height: 8 }]);
    expect(flipped.mask).toEqual(maskOfBoxes(flipped.boxes, size));
    expect(flipped.image.data[5 * 96 + 3]).toBe(sample.image.data[5 * 96 + 92]);
    const again = applyAugmentation({ ...flipped }, { ...still, flip: true });
    expect(again.image).toEqual(sample.image);
    expect(again.boxes).toEqual(sample.boxes);
  });

  test('a whole shift moves all by so many pixels and fills the rest', () => {
    const sample = sampleOf([
      { x: 90, y: 12, width: 6, height: 8 },
      { x: 0, y: 0, width: 10, height: 10 },
    ]);
    const moved = applyAugmentation(sample, { ...still, translateX: 0.125, translateY: 0.25 }, { fill: 9 });
    expect(moved.image.data[30 * 96 + 40]).toBe(sample.image.data[10 * 96 + 28]);
    expect(moved.image.data[0]).toBe(9);
    expect(moved.boxes).toEqual([{ x: 12, y: 20, width: 10, height: 10 }]);
    expect(moved.keptBoxes).toEqual([1]);
    expect(moved.mask).toEqual(maskOfBoxes(moved.boxes, size));
  });

  test('a quarter turn clockwise brings the top to the right', () => {
    const square = { width: 8, height: 8 };
    const data = new Uint8Array(64);
    data[1 * 8 + 3] = 255; // x 3, y 1
    const boxes = [{ x: 3, y: 1, width: 1, height: 1 }];
    const turned = applyAugmentation(
      { image: { ...square, data }, boxes, mask: maskOfBoxes(boxes, square) },
      { ...still, rotation: 90 },
    );
    expect(turned.image.data.indexOf(255)).toBe(3 * 8 + 6);
    expect(turned.boxes[0]).toEqual({ x: 6, y: 3, width: 1, height: 1 });
    expect(turned.mask!.indexOf(1)).toBe(3 * 8 + 6);
  });

  test('tone: gamma darkens above 1, contrast pivots on middle grey, brightness adds', () => {
    const image = { width: 3, height: 1, data: Uint8Array.of(0, 64, 255) };
    const tone = (change: Partial<Augmentation>) => [
      ...applyAugmentation({ image }, { ...still, ...change }).image.data,
    ];
    expect(tone({ gamma: 2 })).toEqual([0, 16, 255]); // 64^2 / 255 = 16.06
    expect(tone({ contrast: 0.5 })).toEqual([64, 96, 191]); // 127.5 + (v - 127.5) / 2
    expect(tone({ brightness: 0.2 })).toEqual([51, 115, 255]);
  });
});

test('a box and the mask of its region move together under any change', () => {
  const region = fc.record({
    x: fc.integer({ min: 4, max: 60 }),
    y: fc.integer({ min: 4, max: 50 }),
    width: fc.integer({ min: 6, max: 30 }),
    height: fc.integer({ min: 6, max: 24 }),
  });
  let compared = 0;
  fc.assert(
    fc.property(region, fc.integer(), (box, seed) => {
      const out = augment(sampleOf([box]), { ...strong, minVisible: 0.9 }, createRandom(seed, 'agree'));
      if (out.boxes.length === 0) return;
      const [part] = boxesFromMask(out.mask!, size.width, size.height);
      const [moved] = out.boxes;
      const edges = ({ x, y, width, height }: Box) => [x, y, x + width, y + height];
      // Resampling rounds the corners off, which takes up to a pixel and a half from a turned box's extremes.
      edges(part!).forEach((edge, i) => expect(Math.abs(edge - edges(moved!)[i]!)).toBeLessThanOrEqual(1.5));
      expect(boxIou(part!, moved!)).toBeGreaterThan(0.6);
      compared++;
    }),
    { numRuns: 1000, seed: 12 },
  );
  expect(compared).toBeGreaterThan(700);
});

test('boxes are inside the image, and kept ones are the given ones', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = createRandom(seed, 'boxes');
      const boxes = Array.from({ length: 6 }, (_, id) => ({
        x: random.int(90),
        y: random.int(70),
        width: 5 + random.int(30),
        height: 5 + random.int(30),
        id,
      }));
      const out = augment(sampleOf(boxes), strong, random);
      expect(out.boxes.map((box) => box.id)).toEqual(out.keptBoxes);
      for (const { x, y, width, height } of out.boxes) {
        expect(x >= 0 && y >= 0 && x + width <= size.width + 1e-9 && y + height <= size.height + 1e-9).toBe(true);
      }
    }),
    { numRuns: 300, seed: 13 },
  );
});
