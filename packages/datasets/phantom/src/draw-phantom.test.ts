import { expect, test } from 'vitest';
import { drawPhantom, type PhantomSpec } from './draw-phantom.js';
import { PHANTOM_FINDINGS, type PhantomFinding } from './findings.js';

const spec = (findings: readonly PhantomFinding[], change: Partial<PhantomSpec> = {}): PhantomSpec => ({
  size: 128,
  patientSeed: 5,
  imageSeed: 6,
  sex: 'F',
  ageYears: 50,
  view: 'PA',
  findings,
  ...change,
});

const difference = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;

test('the same spec gives the same film, another seed another', () => {
  const first = drawPhantom(spec(['Mass', 'Pneumothorax']));
  expect(drawPhantom(spec(['Mass', 'Pneumothorax']))).toEqual(first);
  expect(
    difference(drawPhantom(spec(['Mass', 'Pneumothorax'], { imageSeed: 7 })).pixels, first.pixels),
  ).toBeGreaterThan(3);
});

test('films of one patient look alike, but for pose and exposure', () => {
  // In films of different persons the heart's size and the ribs differ as well.
  const own = drawPhantom(spec([], { imageSeed: 1 }));
  const again = drawPhantom(spec([], { imageSeed: 1, patientSeed: 5 }));
  const other = drawPhantom(spec([], { imageSeed: 1, patientSeed: 99 }));
  expect(difference(own.pixels, again.pixels)).toBe(0);
  expect(difference(own.pixels, other.pixels)).toBeGreaterThan(3);
});

test.each([...PHANTOM_FINDINGS, 'COVID-19'] as const)('%s changes the film', (finding) => {
  // Exposure and noise come from the same stream, so that a finding may change them too: compare with a plain film of the same kind.
  for (let imageSeed = 0; imageSeed < 10; imageSeed++) {
    const film = drawPhantom(spec([finding], { imageSeed, patientSeed: imageSeed }));
    expect(film.findings).toEqual([finding]);
    expect(
      difference(film.pixels, drawPhantom(spec([], { imageSeed, patientSeed: imageSeed })).pixels),
    ).toBeGreaterThan(0.5);
  }
});

test('every pneumonia has one or two boxes inside the film, large enough at 64 pixels, around something brighter', () => {
  for (let imageSeed = 0; imageSeed < 60; imageSeed++) {
    const { boxes, pixels } = drawPhantom(spec(['Pneumonia'], { imageSeed, patientSeed: imageSeed }));
    expect(boxes.length).toBeGreaterThanOrEqual(1);
    expect(boxes.length).toBeLessThanOrEqual(2);
    for (const { finding, x, y, width, height } of boxes) {
      expect(finding).toBe('Pneumonia');
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(128);
      expect(y + height).toBeLessThanOrEqual(128);
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(10);
      expect(pixels[Math.round(y + height / 2) * 128 + Math.round(x + width / 2)]).toBeGreaterThan(0);
    }
  }
});

test('free air has a mask of a fair size on one side, others none', () => {
  for (let imageSeed = 0; imageSeed < 60; imageSeed++) {
    const { mask } = drawPhantom(spec(['Pneumothorax'], { imageSeed, patientSeed: imageSeed }));
    const area = mask.reduce((sum, value) => sum + value, 0);
    expect(area / mask.length).toBeGreaterThan(0.01);
    expect(area / mask.length).toBeLessThan(0.12);
  }
  expect(drawPhantom(spec(['Effusion'])).mask.some((value) => value !== 0)).toBe(false);
});

test('the free air is smooth: no vessels, no grain', () => {
  // Second differences of 3 x 3 means, which the noise hardly reaches, against the same place in the other lung.
  const roughness = (pixels: Uint8Array, mask: Uint8Array): number[] => {
    const around = [-129, -128, -127, -1, 0, 1, 127, 128, 129];
    const mean = (i: number): number => around.reduce((sum, k) => sum + (pixels[i + k] ?? 0), 0) / 9;
    const inside = (i: number): boolean => around.every((k) => mask[i + k] === 1);
    return Array.from(pixels.keys())
      .filter((i) => inside(i - 256) && inside(i) && inside(i + 256) && inside(i - 4) && inside(i + 4))
      .map((i) => Math.abs(2 * mean(i) - mean(i - 4) - mean(i + 4)));
  };
  const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const free: number[] = [];
  const lung: number[] = [];
  for (let seed = 0; seed < 30; seed++) {
    const film = drawPhantom(spec(['Pneumothorax'], { imageSeed: seed, patientSeed: seed, ageYears: 88 }));
    const mirrored = film.mask.map((_, i) => film.mask[i - (i % 128) + 127 - (i % 128)] ?? 0);
    free.push(...roughness(film.pixels, film.mask));
    lung.push(...roughness(film.pixels, mirrored));
  }
  expect(free.length).toBeGreaterThan(500);
  expect(average(free)).toBeLessThan(0.8 * average(lung));
});

test('AP films show a larger heart than PA films, and old bones are thinner', () => {
  const middle = (change: Partial<PhantomSpec>): number => {
    let sum = 0;
    for (let seed = 0; seed < 20; seed++) {
      const { pixels } = drawPhantom(spec([], { imageSeed: seed, patientSeed: seed, ...change }));
      let ribs = 0;
      for (let i = 0; i < pixels.length - 256; i++)
        ribs += Math.abs(2 * (pixels[i + 128] ?? 0) - (pixels[i] ?? 0) - (pixels[i + 256] ?? 0));
      sum += ribs / pixels.length;
    }
    return sum;
  };
  expect(middle({ ageYears: 22 })).toBeGreaterThan(middle({ ageYears: 88 }) * 1.02);
  expect(drawPhantom(spec([], { view: 'AP' })).pixels).not.toEqual(drawPhantom(spec([])).pixels);
});

test('the size is any whole number from 32, and the picture is the same one', () => {
  const small = drawPhantom(spec(['Mass'], { size: 64 }));
  expect(small.pixels).toHaveLength(4096);
  const large = drawPhantom(spec(['Mass'], { size: 100 }));
  expect(large.mask).toHaveLength(10_000);
  expect(() => drawPhantom(spec([], { size: 31 }))).toThrow(RangeError);
  expect(() => drawPhantom(spec([], { size: 64.5 }))).toThrow(RangeError);
});
