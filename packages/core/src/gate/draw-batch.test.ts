import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balancedDrawer, plainDrawer, teacherForcedDrawer, type DrawPools, type TeacherForcing } from './draw-batch.js';

/** 0..9 positive, 20..59 negative; the gate lets 5 positives and 10 negatives through. */
const positives = range(0, 10);
const all = [...positives, ...range(20, 60)];
const passed = [...range(5, 10), ...range(20, 30)];
const pools: DrawPools = { all, positives, passed };
const forcing = (more: Partial<TeacherForcing> = {}): TeacherForcing => ({
  probability: 0.9,
  per: 'batch',
  negatives: 0,
  ...more,
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Within five standard deviations of a binomial share. */
function expectShare(hits: number, count: number, p: number): void {
  expect(Math.abs(hits / count - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / count));
}

const isTruth = (index: number): boolean => index < 10;
const throughGate = (index: number): boolean => passed.includes(index);

test('plain: every sample once an epoch, batch after batch', () => {
  const drawer = plainDrawer(all, 3, 'rsna');
  const epoch = range(0, 10).flatMap((visit) => drawer.draw(visit, 5));
  expect(epoch.sort((a, b) => a - b)).toEqual(all);
});

test.each(['batch', 'sample'] as const)('teacher forcing per %s: pure in (seed, visit)', (per) => {
  const visits = fc.array(fc.nat(500), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.integer(), visits, fc.integer({ min: 1, max: 16 }), (seed, order, size) => {
      const draw = (sequence: readonly number[]): number[][] => {
        const drawer = teacherForcedDrawer(pools, forcing({ per, negatives: 0.25 }), seed, 'rsna');
        return sequence.map((visit) => drawer.draw(visit, size));
      };
      const batches = draw(order);
      expect(draw(order.toReversed()).toReversed()).toEqual(batches);
      for (const batch of batches) {
        expect(batch).toHaveLength(size);
        for (const index of batch) expect(all).toContain(index);
      }
    }),
    { numRuns: 200 },
  );
});

test('per batch: with p a batch is of positives, with 1 - p of what the gate lets through', () => {
  const only: DrawPools = { all, positives: range(0, 5), passed: range(20, 30) };
  const drawer = teacherForcedDrawer(only, forcing({ probability: 0.7 }), 11, 'rsna');
  const visits = 5000;
  let forced = 0;
  for (let visit = 0; visit < visits; visit++) {
    const kinds = new Set(drawer.draw(visit, 8).map((index) => (index < 5 ? 'truth' : 'gate')));
    expect(kinds.size).toBe(1);
    if (kinds.has('truth')) forced++;
  }
  expectShare(forced, visits, 0.7);
});

test('per sample: each sample has its own coin', () => {
  const only: DrawPools = { all, positives: range(0, 5), passed: range(20, 30) };
  const drawer = teacherForcedDrawer(only, forcing({ probability: 0.7, per: 'sample' }), 11, 'rsna');
  const visits = 3000;
  const batches = range(0, visits).map((visit) => drawer.draw(visit, 8).filter((index) => index < 5).length);
  expectShare(
    batches.reduce((a, b) => a + b, 0),
    visits * 8,
    0.7,
  );
  // independent coins: all eight alike in 0.7^8 + 0.3^8 of the batches
  expectShare(batches.filter((count) => count === 0 || count === 8).length, visits, 0.7 ** 8 + 0.3 ** 8);
});

test.each([
  [1, isTruth],
  [0, throughGate],
])('p = %d never draws from the other side', (probability, own) => {
  for (const per of ['batch', 'sample'] as const) {
    const drawer = teacherForcedDrawer(pools, forcing({ probability, per }), 5, 'siim');
    for (let visit = 0; visit < 300; visit++) expect(drawer.draw(visit, 4).every(own)).toBe(true);
  }
});

test('what the gate lets through comes evenly, its false positives included', () => {
  const drawer = teacherForcedDrawer(pools, forcing({ probability: 0 }), 2, 'rsna');
  const counts = new Map<number, number>();
  const visits = 3000;
  for (let visit = 0; visit < visits; visit++)
    for (const index of drawer.draw(visit, 5)) counts.set(index, (counts.get(index) ?? 0) + 1);
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual(passed);
  for (const count of counts.values()) expect(count).toBe((visits * 5) / passed.length);
});

test.each(['batch', 'sample'] as const)('a share of plain negatives is mixed in, per %s', (per) => {
  const only: DrawPools = { all, positives, passed: range(5, 10) };
  const drawer = teacherForcedDrawer(only, forcing({ per, negatives: 0.3 }), 4, 'rsna');
  const visits = 3000;
  let negatives = 0;
  for (let visit = 0; visit < visits; visit++) negatives += drawer.draw(visit, 8).filter((index) => index >= 20).length;
  expectShare(negatives, visits * 8, 0.3);
});

test('when the gate lets nothing through its share falls to the positives', () => {
  const drawer = teacherForcedDrawer({ all, positives, passed: [] }, forcing({ probability: 0 }), 1, 'rsna');
  for (let visit = 0; visit < 50; visit++) expect(drawer.draw(visit, 6).every(isTruth)).toBe(true);
});

test('without negatives their share falls to the others', () => {
  const drawer = teacherForcedDrawer({ all: positives, positives, passed: [] }, forcing({ negatives: 1 }), 1, 'rsna');
  expect(drawer.draw(0, 6).every(isTruth)).toBe(true);
});

test('without positives there is nothing to teach', () => {
  expect(() => teacherForcedDrawer({ all, positives: [], passed }, forcing(), 1, 'rsna')).toThrow(
    expect.objectContaining({ code: 'DATA_NO_POSITIVES', message: expect.stringContaining('"rsna"') as string }),
  );
});

test('datasets and seeds have coins of their own', () => {
  const coins = (seed: number, name: string): number[][] => {
    const drawer = teacherForcedDrawer(pools, forcing({ probability: 0.5 }), seed, name);
    return range(0, 50).map((visit) => drawer.draw(visit, 4));
  };
  expect(coins(1, 'rsna')).not.toEqual(coins(1, 'siim'));
  expect(coins(1, 'rsna')).not.toEqual(coins(2, 'rsna'));
});

test('balanced: a fixed share of every batch, both kinds in each, every sample in its turn', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.integer({ min: 2, max: 12 }),
      fc.nat(100),
      (portion, size, visit) => {
        const drawer = balancedDrawer({ all, positives }, portion, 1, 'rsna');
        const count = drawer.draw(visit, size).filter(isTruth).length;
        expect(count).toBe(Math.min(size - 1, Math.max(1, Math.round(portion * size))));
      },
    ),
    { numRuns: 500 },
  );
  const drawer = balancedDrawer({ all, positives }, 0.5, 1, 'rsna');
  const drawn = range(0, 20).flatMap((visit) => drawer.draw(visit, 4));
  expect([...drawn.filter((index) => !isTruth(index))].sort((a, b) => a - b)).toEqual(range(20, 60));
});

test('balanced batches of one keep the share too', () => {
  const drawer = balancedDrawer({ all, positives }, 0.25, 1, 'rsna');
  const drawn = range(0, 160).flatMap((visit) => drawer.draw(visit, 1));
  expect(drawn.filter(isTruth)).toHaveLength(40);
  expect(new Set(drawn.filter(isTruth)).size).toBe(10);
  expect(new Set(drawn).size).toBe(50);
});

test('balanced where one kind is absent is plain', () => {
  for (const none of [
    { all, positives: [] },
    { all, positives: all },
  ])
    expect(balancedDrawer(none, 0.5, 1, 'x').draw(3, 5)).toEqual(plainDrawer(all, 1, 'x').draw(3, 5));
});
