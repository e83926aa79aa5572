import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sample } from '../data/sample.js';
import { balancedDrawer, plainDrawer, type BatchDrawer } from './draw-batch.js';
import { classBalancedDrawer, createDrawer, repeatFactorDrawer, repeatFactors, type Sampling } from './sampling.js';

const all = Array.from({ length: 100 }, (_, i) => i);
/** 2 hernias, 10 masses of which one is a hernia too, the others nothing. */
const classesOf = (i: number): string[] => [...(i < 2 ? ['Hernia'] : []), ...(i >= 1 && i < 11 ? ['Mass'] : [])];
const drawn = (drawer: BatchDrawer, visits: number, size: number): number[] =>
  Array.from({ length: visits }, (_, visit) => drawer.draw(visit, size)).flat();

test('class-balanced: every class and "none" equally often, each through all of its images', () => {
  const items = drawn(classBalancedDrawer(all, classesOf, 4, 'nih'), 89 * 3, 1);
  const none = items.filter((i) => i >= 11);
  expect(none.length).toBe(89);
  expect(new Set(none).size).toBe(89);
  // 89 rounds: 89 times Hernia (0 or 1), 89 times Mass (1 to 10).
  expect(items.filter((i) => i === 0).length + items.filter((i) => i === 1).length).toBeGreaterThanOrEqual(89);
  const rounds = Array.from({ length: 89 }, (_, r) => items.slice(r * 3, r * 3 + 3));
  for (const round of rounds) expect(round.filter((i) => i >= 11).length).toBe(1);
});

test('repeat factors are those of the paper', () => {
  // f: a 1, b 1/4, c 1/16; t = 1/4 gives r: a 1, b 1, c 2.
  const classes = Array.from({ length: 16 }, (_, i) => ['a', ...(i < 4 ? ['b'] : []), ...(i === 0 ? ['c'] : [])]);
  expect(repeatFactors(classes, 1 / 4)).toEqual([2, ...Array.from({ length: 15 }, () => 1)]);
  // t = 1 gives b 2, c 4; an image has the largest of its classes, one without a class 1.
  expect(
    repeatFactors([...classes.slice(0, 5), ...classes.slice(5, 15), []], 1).map((r) => Number(r.toFixed(6))),
  ).toEqual([4, 2, 2, 2, ...Array.from({ length: 11 }, () => Number(Math.sqrt(16 / 15).toFixed(6))), 1]);
});

test('repeat-factor: an image is in each epoch floor or ceil of its factor times, and as often as that on average', () => {
  const factors = repeatFactors(all.map(classesOf), 0.3);
  const length = Math.floor(factors.reduce((sum, r) => sum + r, 0));
  const epochs = 200;
  const items = drawn(repeatFactorDrawer(all, classesOf, 0.3, 7, 'nih'), epochs, length);
  const counts = all.map(() => 0);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const once = all.map(() => 0);
    for (const i of items.slice(epoch * length, (epoch + 1) * length)) once[i] = (once[i] ?? 0) + 1;
    for (const [i, r] of factors.entries()) {
      // One item of an epoch may be cut off, so that all have one length.
      expect(once[i]).toBeGreaterThanOrEqual(Math.floor(r) - 1);
      expect(once[i]).toBeLessThanOrEqual(Math.ceil(r));
      counts[i] = (counts[i] ?? 0) + (once[i] ?? 0);
    }
  }
  for (const [i, r] of factors.entries()) expect(Math.abs((counts[i] ?? 0) / epochs - r)).toBeLessThan(0.15);
});

const samples = all.map((i): Sample => ({
  dataset: 'nih',
  id: String(i),
  image: `/${i}`,
  patient: { key: String(i) },
  labels: { findings: { Hernia: i < 2, Mass: classesOf(i).includes('Mass'), positive: i < 11 } },
}));

test.each<Sampling>(['plain', 'class-balanced', { kind: 'repeat-factor', threshold: 0.1 }])(
  '%j: pure in (seed, visit), whatever was drawn before',
  (sampling) => {
    const request = { sampling, positivePortion: 0, all, positives: [], samples, name: 'nih' };
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.nat(300), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (seed, visits, size) => {
          const fresh = (visit: number): number[] => createDrawer({ ...request, seed }).draw(visit, size);
          const drawer = createDrawer({ ...request, seed });
          for (const visit of visits) expect(drawer.draw(visit, size)).toEqual(fresh(visit));
        },
      ),
      { numRuns: 50 },
    );
  },
);

test('a positive portion decides where it is given; what core adds for gates is no class', () => {
  const request = { all, positives: [0, 1, 2], samples, seed: 3, name: 'nih' };
  expect(createDrawer({ ...request, sampling: 'class-balanced', positivePortion: 0.5 }).draw(2, 8)).toEqual(
    balancedDrawer({ all, positives: [0, 1, 2] }, 0.5, 3, 'nih').draw(2, 8),
  );
  expect(createDrawer({ ...request, sampling: 'class-balanced', positivePortion: 0 }).draw(2, 8)).toEqual(
    classBalancedDrawer(all, classesOf, 3, 'nih').draw(2, 8),
  );
  expect(classBalancedDrawer(all, () => [], 3, 'nih').draw(1, 4).length).toBe(4);
  expect(plainDrawer(all, 3, 'nih').draw(1, 4).length).toBe(4);
});
