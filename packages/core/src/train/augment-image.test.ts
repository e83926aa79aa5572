import { expect, test } from 'vitest';
import type { PreparedImage } from '../data/prepared-image.js';
import type { AugmentConfig } from '../protocol/protocol.js';
import { augmentImage, isIdentity } from './augment-image.js';

const none: AugmentConfig = {
  flip: false,
  rotate: 0,
  scale: 0,
  translate: 0,
  brightness: 0,
  contrast: 0,
  gamma: 0,
  crop: 0,
  elastic: 0,
  grid: 0,
  optical: 0,
  clahe: 0,
  noise: 0,
};
const words = Object.keys(none).filter((key) => key !== 'flip') as Exclude<keyof AugmentConfig, 'flip'>[];
const size = 16;
/** A bright square at (2, 3), 4 x 5, under a box and a mask. */
const square = Uint8Array.from({ length: size * size }, (_, i) => {
  const [x, y] = [i % size, Math.floor(i / size)];
  return x >= 2 && x < 6 && y >= 3 && y < 8 ? 1 : 0;
});
const image = (id = 'a', dataset = 'rsna'): PreparedImage => ({
  sample: { dataset, id, image: '/a.png', patient: { key: 'p' }, split: 'train', labels: { findings: {} } },
  pixels: square.map((value) => 60 + 100 * value),
  size,
  width: 32,
  height: 32,
  boxes: [{ x: 2, y: 3, width: 4, height: 5 }],
  mask: square,
});

/** Bytes again: what is written is a byte's share of 255. */
function changed(of: PreparedImage, config: AugmentConfig, seed: number, draw: number) {
  const out = new Float32Array(size * size);
  const labels = augmentImage(of, config, seed, draw, out);
  const pixels = Uint8Array.from(out, (grey) => Math.round(255 * grey));
  expect(out).toEqual(Float32Array.from(pixels, (byte) => byte / 255));
  return { pixels, ...labels };
}

test('nothing asked for changes nothing', () => {
  expect(isIdentity(none)).toBe(true);
  for (const key of words) expect(isIdentity({ ...none, [key]: 0.1 })).toBe(false);
  expect(isIdentity({ ...none, flip: true })).toBe(false);
  const { pixels, boxes, mask } = image();
  expect(changed(image(), none, 1, 0)).toEqual({ pixels, boxes, mask });
});

test.each(words)('%s alone changes the image within so many draws', (word) => {
  const config = { ...none, [word]: word === 'rotate' ? 20 : 0.1 };
  const draws = Array.from({ length: 20 }, (_, draw) => changed(image(), config, 1, draw).pixels);
  expect(draws.some((pixels) => pixels.some((value, i) => value !== image().pixels[i]))).toBe(true);
});

test('a change is pure in (seed, sample, draw) and another for each of them', () => {
  const config = {
    ...none,
    rotate: 20,
    scale: 0.2,
    translate: 0.1,
    contrast: 0.3,
    elastic: 0.03,
    crop: 0.2,
    noise: 0.1,
  };
  const base = changed(image(), config, 1, 5);
  expect(changed(image(), config, 1, 5)).toEqual(base);
  for (const other of [
    changed(image(), config, 2, 5),
    changed(image(), config, 1, 6),
    changed(image('b'), config, 1, 5),
    changed(image('a', 'siim'), config, 1, 5),
  ])
    expect(other.pixels).not.toEqual(base.pixels);
  expect(image().pixels).toEqual(square.map((value) => 60 + 100 * value));
});

test('half of the draws are mirrored, image, box and mask together', () => {
  const flips = Array.from({ length: 2000 }, (_, draw) => changed(image(), { ...none, flip: true }, 1, draw));
  let mirrored = 0;
  for (const { pixels, boxes, mask } of flips) {
    expect(pixels).toEqual(mask!.map((value) => 60 + 100 * value));
    const { x, y, width, height } = boxes![0]!;
    expect([y, width, height]).toEqual([3, 4, 5]);
    expect([2, 10]).toContain(x);
    if (x === 10) mirrored++;
    else expect(mask).toEqual(square);
  }
  expect(Math.abs(mirrored - 1000)).toBeLessThan(5 * Math.sqrt(500));
});

test('boxes and masks move with the pixels, and known-to-have-none stays known', () => {
  const config = { ...none, translate: 0.2, elastic: 0.02, optical: 0.05 };
  for (let draw = 0; draw < 50; draw++) {
    const { boxes, mask } = changed(image(), config, 3, draw);
    const inside = [...mask!.entries()].filter(([, value]) => value > 0).map(([i]) => i);
    if (boxes!.length === 0) continue;
    const { x, y, width, height } = boxes![0]!;
    const columns = inside.map((i) => i % size);
    const rows = inside.map((i) => Math.floor(i / size));
    // a mask's pixels are whole, a box's edges are not
    expect(Math.abs(Math.min(...columns) - x)).toBeLessThanOrEqual(1);
    expect(Math.abs(Math.max(...columns) + 1 - x - width)).toBeLessThanOrEqual(1);
    expect(Math.abs(Math.min(...rows) - y)).toBeLessThanOrEqual(1);
    expect(Math.abs(Math.max(...rows) + 1 - y - height)).toBeLessThanOrEqual(1);
  }
  const { boxes: _, mask: __, ...bare } = image();
  expect(changed({ ...bare, boxes: [] }, config, 1, 0).boxes).toEqual([]);
  const unknown = changed(bare, config, 1, 0);
  expect('boxes' in unknown || 'mask' in unknown).toBe(false);
});

test('a share x of the scale is a range of 1 - x to 1 / (1 - x)', () => {
  const widths = Array.from({ length: 500 }, (_, draw) => {
    const centred = { ...image(), boxes: [{ x: 6, y: 6, width: 4, height: 4 }] };
    return changed(centred, { ...none, scale: 0.2 }, 1, draw).boxes![0]!.width / 4;
  });
  expect(Math.min(...widths)).toBeGreaterThanOrEqual(0.8 - 1e-9);
  expect(Math.max(...widths)).toBeLessThanOrEqual(1.25 + 1e-9);
  expect(Math.min(...widths)).toBeLessThan(0.82);
  expect(Math.max(...widths)).toBeGreaterThan(1.22);
});
