import { expect, test } from 'vitest';
import { ImagingError } from '../errors.js';
import { createRandom } from './create-random.js';
import { philox4x32 } from './philox.js';

/** Known answers of Random123 (kat_vectors: philox4x32, 10 rounds). */
test.each([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])('philox4x32-10 of %j', (counter, key, expected) => {
  const out = new Uint32Array(4);
  philox4x32(counter, key, out);
  expect([...out]).toEqual(expected);
});

test('the same seed and keys give the same numbers; order, type and split of keys matter', () => {
  const first = (...args: Parameters<typeof createRandom>) => createRandom(...args).uint32();
  expect(first(1, 'a', 2)).toBe(first(1, 'a', 2));
  const streams = [
    first(1),
    first(2),
    first(1, 'a'),
    first(1, 'a', 'b'),
    first(1, 'ab'),
    first(1, 'b', 'a'),
    first(1, 1),
    first(1, '1'),
    first(-1),
    first(0.5),
  ];
  expect(new Set(streams).size).toBe(streams.length);
  expect(first(-0)).toBe(first(0));
});

test('a stream is pinned, so that no refactoring changes anybody’s augmentation', () => {
  const random = createRandom(1, 'augment', 'image.png', 3);
  expect([random.uint32(), random.uint32(), random.int(1000), random.uniform(), random.normal()])
    .toMatchInlineSnapshot(`
    [
      4084798907,
      267106822,
      758,
      0.9593093312229543,
      0.6925887745933015,
    ]
  `);
});

test('moments: uniform, normal, int', () => {
  const random = createRandom(7, 'moments');
  const n = 200_000;
  const uniform = Array.from({ length: n }, () => random.uniform(2, 4));
  expect(mean(uniform)).toBeCloseTo(3, 2);
  expect(mean(uniform.map((x) => (x - 3) ** 2))).toBeCloseTo(4 / 12, 2);
  expect(uniform.every((x) => x >= 2 && x < 4)).toBe(true);
  const normal = Array.from({ length: n }, () => random.normal(1, 2));
  expect(mean(normal)).toBeCloseTo(1, 1);
  expect(mean(normal.map((x) => ((x - 1) / 2) ** 2))).toBeCloseTo(1, 1);
  expect(mean(normal.map((x) => ((x - 1) / 2) ** 4))).toBeCloseTo(3, 0);
  const counts = new Array<number>(6).fill(0);
  for (let i = 0; i < n; i++) counts[random.int(6)]!++;
  const chiSquare = counts.reduce((sum, count) => sum + (count - n / 6) ** 2 / (n / 6), 0);
  expect(chiSquare).toBeLessThan(20.5); // 0.1 % of the chi-square distribution with 5 degrees of freedom
});

test('shuffle keeps the items, leaves its input alone, and reaches every order alike', () => {
  const random = createRandom(3);
  const items = Object.freeze([1, 2, 3]);
  const seen = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = random.shuffle(items).join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect([...seen.keys()].sort()).toEqual(['123', '132', '213', '231', '312', '321']);
  expect(Math.min(...seen.values())).toBeGreaterThan(880);
});

test('what is no number is refused', () => {
  expect(() => createRandom(NaN)).toThrow(ImagingError);
  expect(() => createRandom(1, Infinity)).toThrow(ImagingError);
  expect(() => createRandom(1).int(0)).toThrow(ImagingError);
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
