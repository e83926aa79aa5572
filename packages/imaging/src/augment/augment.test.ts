import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxIou, maskOfBoxes, type Box } from '../geometry/box.js';
import { boxesFromMask } from '../geometry/boxes-from-mask.js';
import { createRandom } from '../random/create-random.js';
import { applyAugmentation, augment } from './augment.js';
import { drawAugmentation, type Augmentation, type AugmentOptions } from './draw-augmentation.js';

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
  crop: undefined,
  optical: 0,
  gridX: [],
  gridY: [],
  elasticX: [],
  elasticY: [],
  clahe: false,
  noise: 0,
  noiseSeed: 0,
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
/** Everything at once, as strong as the options allow or as anybody would ask for. */
const everything: AugmentOptions = {
  ...strong,
  crop: 0.4,
  elastic: 0.04,
  grid: 0.3,
  optical: 0.1,
  clahe: 0.5,
  noise: 0.05,
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

test('every kind of change is off by default, does something alone, and leaves the others as they were', () => {
  const sample = sampleOf([{ x: 20, y: 22, width: 30, height: 28 }]);
  const pristine = drawAugmentation({}, createRandom(4, 'a'));
  for (const key of ['crop', 'elastic', 'grid', 'optical', 'noise', 'clahe'] as const) {
    const options = { [key]: key === 'clahe' ? 1 : everything[key] };
    const alone = augment(sample, options, createRandom(4, 'a'));
    expect(alone.image.data, key).not.toEqual(sample.image.data);
    const moves = key !== 'clahe' && key !== 'noise';
    expect(
      alone.mask!.some((value, i) => value !== sample.mask[i]),
      key,
    ).toBe(moves);
    const { crop, optical, gridX, gridY, elasticX, elasticY, clahe, noise, ...others } = drawAugmentation(
      options,
      createRandom(4, 'a'),
    );
    expect([
      crop !== undefined,
      optical !== 0,
      gridX.length + gridY.length,
      elasticX.length + elasticY.length,
      clahe,
      noise > 0,
    ]).toEqual([
      key === 'crop',
      key === 'optical',
      key === 'grid' ? 10 : 0,
      key === 'elastic' ? 98 : 0,
      key === 'clahe',
      key === 'noise',
    ]);
    expect({ ...pristine, ...others }).toEqual(pristine);
  }
});

test('a drawn change is plain data: written and read again, it does the same', () => {
  const sample = sampleOf([{ x: 10, y: 12, width: 20, height: 8 }]);
  const drawn = drawAugmentation(everything, createRandom(3, 'log'));
  const again = JSON.parse(JSON.stringify(drawn)) as Augmentation;
  expect(applyAugmentation(sample, again)).toEqual(applyAugmentation(sample, drawn));
});

test('draws stay within their ranges', () => {
  for (let i = 0; i < 500; i++) {
    const drawn = drawAugmentation(strong, createRandom(9, i));
    expect(Math.abs(drawn.rotation)).toBeLessThanOrEqual(15);
    expect(drawn.scale >= 0.8 && drawn.scale <= 1.25).toBe(true);
    expect(
      Math.abs(drawn.translateX) <= 0.1 && Math.abs(drawn.translateY) <= 0.1 && Math.abs(drawn.brightness) <= 0.1,
    ).toBe(true);
    const bent = drawAugmentation(everything, createRandom(9, i));
    expect(Math.abs(bent.optical) <= 0.1 && bent.noise >= 0 && bent.noise <= 0.05).toBe(true);
    expect(bent.gridX.every((cell) => cell >= 0.7 && cell <= 1.3)).toBe(true);
    expect(bent.elasticX.every((shift) => Math.abs(shift) <= 0.04)).toBe(true);
    const { x, y, width, height } = bent.crop!;
    expect(x >= 0 && y >= 0 && x + width <= 1 + 1e-12 && y + height <= 1 + 1e-12).toBe(true);
    expect(width * height >= 0.5 && width * height <= 1).toBe(true);
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

const kinds: [string, AugmentOptions][] = [
  ['flip, rotation, scale, shift', strong],
  ['crop', { crop: 0.5 }],
  ['elastic', { elastic: 0.05 }],
  ['grid', { grid: 0.4 }],
  ['optical', { optical: 0.15 }],
  ['everything', everything],
];

test.each(kinds)('a box and the mask of its region move together: %s', (_, options) => {
  const region = fc.record({
    x: fc.integer({ min: 4, max: 60 }),
    y: fc.integer({ min: 4, max: 50 }),
    width: fc.integer({ min: 6, max: 30 }),
    height: fc.integer({ min: 6, max: 24 }),
  });
  let compared = 0;
  fc.assert(
    fc.property(region, fc.integer(), (box, seed) => {
      const out = augment(sampleOf([box]), { ...options, minVisible: 0.95 }, createRandom(seed, 'agree'));
      if (out.boxes.length === 0) return;
      const [part] = boxesFromMask(out.mask!, size.width, size.height);
      const [moved] = out.boxes;
      const edges = ({ x, y, width, height }: Box) => [x, y, x + width, y + height];
      // Resampling rounds the corners off, which takes up to a pixel and a half from a turned box's extremes.
      edges(part!).forEach((edge, i) => expect(Math.abs(edge - edges(moved!)[i]!)).toBeLessThanOrEqual(1.5));
      expect(boxIou(part!, moved!)).toBeGreaterThan(0.6);
      compared++;
    }),
    { numRuns: 500, seed: 12 },
  );
  expect(compared).toBeGreaterThan(150);
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

test('noise has the deviation asked for, no mean, and no pattern that repeats', () => {
  const image = { width: 256, height: 256, data: new Uint8Array(65_536).fill(128) };
  const noisy = applyAugmentation({ image }, { ...still, noise: 0.05, noiseSeed: 7 }).image.data;
  const differences = Array.from(noisy, (value) => value - 128);
  const mean = differences.reduce((sum, value) => sum + value, 0) / 65_536;
  const deviation = Math.sqrt(differences.reduce((sum, value) => sum + value * value, 0) / 65_536);
  expect(Math.abs(mean)).toBeLessThan(0.2);
  expect(Math.abs(deviation - 0.05 * 255)).toBeLessThan(0.2);
  const next =
    differences.slice(1).reduce((sum, value, i) => sum + value * differences[i]!, 0) / 65_535 / deviation ** 2;
  expect(Math.abs(next)).toBeLessThan(0.02);
  expect(applyAugmentation({ image }, { ...still, noise: 0.05, noiseSeed: 8 }).image.data).not.toEqual(noisy);
});

test('a crop shows its window at the full size', () => {
  const sample = sampleOf([{ x: 24, y: 20, width: 48, height: 40 }]);
  const { boxes, mask } = applyAugmentation(sample, { ...still, crop: { x: 0.25, y: 0.25, width: 0.5, height: 0.5 } });
  expect(boxes).toEqual([{ x: 0, y: 0, width: 96, height: 80 }]);
  expect(mask!.every((value) => value === 1)).toBe(true);
});
