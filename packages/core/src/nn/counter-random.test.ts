import { expect, test } from 'vitest';
import { hashName, randomStream } from './counter-random.js';

test('the first numbers never change: checkpoints and goldens start from them', () => {
  const stream = randomStream(1, 'conv1_conv/kernel');
  expect(hashName('conv1_conv/kernel')).toBe(3129850107);
  expect([0, 1, 2, 1_000_000].map((i) => stream.word(i))).toEqual([2266612781, 4101804132, 297710109, 1891904228]);
});

test('uniform and normal have the moments of their distributions', () => {
  const stream = randomStream(7, 'x');
  const n = 20_000;
  const moments = (draw: (i: number) => number): number[] => {
    const values = Array.from({ length: n }, (_, i) => draw(i));
    return [1, 2, 3, 4].map((power) => values.reduce((sum, v) => sum + v ** power, 0) / n);
  };
  const [u1, u2] = moments((i) => stream.uniform(i));
  expect(u1).toBeCloseTo(1 / 2, 2);
  expect(u2).toBeCloseTo(1 / 3, 2);
  const [m1, m2, m3, m4] = moments((i) => stream.normal(i)) as [number, number, number, number];
  expect(Math.abs(m1)).toBeLessThan(0.03);
  expect(Math.abs(m2 - 1)).toBeLessThan(0.04);
  expect(Math.abs(m3)).toBeLessThan(0.1);
  expect(Math.abs(m4 - 3)).toBeLessThan(0.2);
});

test('streams of other seeds and names are uncorrelated', () => {
  const n = 4000;
  const streams = [randomStream(1, 'a'), randomStream(1, 'b'), randomStream(2, 'a'), randomStream(3, 'a')];
  for (const [i, a] of streams.entries())
    for (const b of streams.slice(i + 1)) {
      let dot = 0;
      for (let k = 0; k < n; k++) dot += a.normal(k) * b.normal(k);
      expect(Math.abs(dot / n)).toBeLessThan(0.06);
    }
});
