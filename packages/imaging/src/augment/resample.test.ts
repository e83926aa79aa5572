import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../random/create-random.js';
import type { Affine } from './affine.js';
import { resample } from './resample.js';

const table = Uint8Array.from({ length: 256 }, (_, value) => value);

/** Bilinear interpolation as textbooks write it, in floating point. */
function plainly(data: Uint8Array, width: number, height: number, fill: number, m: Affine): Float64Array {
  const at = (x: number, y: number) => (x >= 0 && y >= 0 && x < width && y < height ? data[y * width + x]! : fill);
  return Float64Array.from({ length: width * height }, (_, i) => {
    const [px, py] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
    const [x, y] = [m.a * px + m.b * py + m.c - 0.5, m.d * px + m.e * py + m.f - 0.5];
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [x - x0, y - y0];
    const across = (row: number) => at(x0, row) * (1 - u) + at(x0 + 1, row) * u;
    return across(y0) * (1 - v) + across(y0 + 1) * v;
  });
}

test.each([
  { width: 40, height: 30, runs: 300 },
  { width: 700, height: 5, runs: 30 },
  { width: 3, height: 600, runs: 30 },
  { width: 1, height: 1, runs: 30 },
])('straight maps of $width x $height agree with plain bilinear interpolation', ({ width, height, runs }) => {
  const random = createRandom(3, 'pixels');
  const data = Uint8Array.from({ length: width * height }, () => random.int(256));
  const turn = fc.double({ min: -2, max: 2, noNaN: true });
  const shift = fc.double({ min: -50, max: width, noNaN: true });
  fc.assert(
    fc.property(turn, turn, turn, turn, shift, shift, (a, b, d, e, c, f) => {
      const m = { a, b, c, d, e, f };
      const out = new Uint8Array(width * height);
      resample([{ data, fill: 40, table, out }], { width, height }, m);
      // Weights are off by 1/4096 at most, along each axis, of at most 255; then comes the rounding.
      plainly(data, width, height, 40, m).forEach((value, i) => expect(Math.abs(out[i]! - value)).toBeLessThan(0.65));
    }),
    { numRuns: runs, seed: 5 },
  );
});

test('a bent map that is straight gives what the straight one gives', () => {
  const [width, height] = [64, 48];
  const random = createRandom(4, 'pixels');
  const data = Uint8Array.from({ length: width * height }, () => random.int(256));
  const m = { a: 0.75, b: -0.25, c: 9, d: 0.25, e: 0.75, f: -4.5 }; // exact in any arithmetic
  const [straight, bent] = [new Uint8Array(data.length), new Float32Array(data.length)];
  resample([{ data, fill: 7, table, out: straight }], { width, height }, m);
  resample([{ data, fill: 7, table: Float32Array.from(table), out: bent }], { width, height }, (y, xs, ys) => {
    for (let x = 0; x < width; x++) {
      xs[x] = m.a * (x + 0.5) + m.b * (y + 0.5) + m.c;
      ys[x] = m.d * (x + 0.5) + m.e * (y + 0.5) + m.f;
    }
  });
  expect([...bent]).toEqual([...straight]);
});

test('where nothing of the image is seen there is fill', () => {
  const data = new Uint8Array(12).fill(200);
  const out = new Uint8Array(12);
  const size = { width: 4, height: 3 };
  for (const far of [1e3, -1e3, 1e9, 1e12, Infinity, NaN]) {
    const straight = { a: 1, b: 0, c: far, d: 0, e: 1, f: 0 };
    for (const map of [straight, (_: number, xs: Float64Array) => void xs.fill(far)]) {
      resample([{ data, fill: 3, table, out: out.fill(9) }], size, map);
      expect([...out]).toEqual(new Array(12).fill(3));
    }
  }
});
