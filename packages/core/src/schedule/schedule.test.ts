import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSchedule, type ScheduleConfig } from './schedule.js';
import type { Turn } from './turn.js';

const rsna = { on: 'rsna', train: ['encoder', 'cls', 'det'] };
const siim = { on: 'siim', train: ['encoder', 'cls', 'seg'] };
const turns = (config: ScheduleConfig, count: number, seed = 1, sizes: Record<string, number> = {}): Turn[] => {
  const schedule = createSchedule(config, sizes);
  return Array.from({ length: count }, (_, step) => schedule.turn(step, seed));
};
const invalid = expect.objectContaining({ code: 'SCHEDULE_INVALID' }) as unknown;

test('alternating: the turns in order (section 4.2), each with the losses of its heads', () => {
  const order = turns({ kind: 'alternating', turns: [rsna, siim] }, 4);
  expect(order).toEqual([
    { parts: [{ dataset: 'rsna', heads: ['cls', 'det'] }], train: rsna.train, visits: [0] },
    { parts: [{ dataset: 'siim', heads: ['cls', 'seg'] }], train: siim.train, visits: [0] },
    { parts: [{ dataset: 'rsna', heads: ['cls', 'det'] }], train: rsna.train, visits: [1] },
    { parts: [{ dataset: 'siim', heads: ['cls', 'seg'] }], train: siim.train, visits: [1] },
  ]);
});

test('literal: Algorithm 1 as printed leaves cls out of the turns of dense heads, and of those alone', () => {
  const cls = { on: 'chestxray14', train: ['encoder', 'cls'] };
  const order = turns({ kind: 'alternating', literal: true, turns: [rsna, siim, cls] }, 3);
  expect(order.map(({ parts, train }) => [parts[0]?.heads, train])).toEqual([
    [['det'], ['encoder', 'det']],
    [['seg'], ['encoder', 'seg']],
    [['cls'], ['encoder', 'cls']],
  ]);
});

test('a ratio is how many steps in a row', () => {
  const order = turns({ kind: 'alternating', turns: [{ ...rsna, ratio: 3 }, siim] }, 9);
  expect(order.map(({ parts, visits }) => `${parts[0]?.dataset}${visits[0]}`)).toEqual(
    'rsna0 rsna1 rsna2 siim0 rsna3 rsna4 rsna5 siim1 rsna6'.split(' '),
  );
});

test('heads may give a loss without moving', () => {
  const config: ScheduleConfig = { kind: 'alternating', turns: [{ on: 'rsna', train: ['encoder'], heads: ['cls'] }] };
  expect(turns(config, 1)[0]).toMatchObject({ parts: [{ dataset: 'rsna', heads: ['cls'] }], train: ['encoder'] });
});

const turn = fc.record({
  on: fc.constantFrom('a', 'b', 'c'),
  train: fc
    .subarray(['encoder', 'cls', 'det', 'seg'], { minLength: 1 })
    .filter((names) => names.some((name) => name !== 'encoder')),
});

test('strict: a dataset’s visits count up one by one, over all turns that read it', () => {
  const strict = fc.array(fc.tuple(turn, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(strict, fc.integer(), (rows, seed) => {
      const config: ScheduleConfig = {
        kind: 'alternating',
        order: 'strict',
        turns: rows.map(([row, ratio]) => ({ ...row, ratio })),
      };
      const schedule = createSchedule(config, {});
      const next = new Map<string, number>();
      for (let step = 0; step < 60; step++) {
        const { parts, train, visits } = schedule.turn(step, seed);
        const dataset = parts[0]!.dataset;
        expect(visits).toEqual([next.get(dataset) ?? 0]);
        next.set(dataset, visits[0]! + 1);
        expect(schedule.turns).toContainEqual({ parts, train });
      }
    }),
    { numRuns: 300 },
  );
});

test('random: pure in (seed, step), visits distinct, turns as often as their weights say', () => {
  const config: ScheduleConfig = {
    kind: 'alternating',
    order: 'random',
    temperature: 2,
    turns: [{ ...rsna, ratio: 2 }, siim],
  };
  const sizes = { rsna: 900, siim: 100 };
  const count = 20_000;
  const drawn = turns(config, count, 7, sizes);
  expect(turns(config, 200, 7, sizes)).toEqual(drawn.slice(0, 200));
  expect(turns(config, 200, 8, sizes)).not.toEqual(drawn.slice(0, 200));
  expect(createSchedule(config, sizes).turn(123, 7)).toEqual(drawn[123]);
  expect(new Set(drawn.map(({ visits }) => visits[0])).size).toBe(count);
  // weights 2 * 900^(1/2) : 100^(1/2) = 60 : 10
  const p = 6 / 7;
  const share = drawn.filter(({ parts }) => parts[0]?.dataset === 'rsna').length / count;
  expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / count));
});

test('random without a temperature: the ratios alone, fractions allowed', () => {
  const config: ScheduleConfig = { kind: 'alternating', order: 'random', turns: [{ ...rsna, ratio: 0.5 }, siim] };
  const count = 20_000;
  const share =
    turns(config, count, 1, { rsna: 1e6, siim: 1 }).filter((one) => one.parts[0]?.dataset === 'rsna').length / count;
  expect(Math.abs(share - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / count));
});

test('joint: every step sums all, one part a dataset, heads of one dataset merged', () => {
  const more = { on: 'rsna', train: ['encoder', 'det', 'age'] };
  expect(turns({ kind: 'joint', turns: [rsna, siim, more] }, 3)[2]).toEqual({
    parts: [
      { dataset: 'rsna', heads: ['cls', 'det', 'age'] },
      { dataset: 'siim', heads: ['cls', 'seg'] },
    ],
    train: ['encoder', 'cls', 'det', 'seg', 'age'],
    visits: [2, 2],
  });
});

test('what no schedule can do is refused', () => {
  const create = (config: ScheduleConfig) => () => createSchedule(config, {});
  expect(create({ kind: 'joint', turns: [] })).toThrow(invalid);
  expect(create({ kind: 'alternating', turns: [{ on: 'rsna', train: ['encoder'] }] })).toThrow(
    'the turn on "rsna" trains [encoder] but has no head that gives a loss',
  );
  expect(create({ kind: 'alternating', turns: [{ ...rsna, ratio: 1.5 }] })).toThrow(invalid);
  expect(create({ kind: 'alternating', turns: [{ ...rsna, ratio: 0 }] })).toThrow(invalid);
  expect(create({ kind: 'joint', turns: [{ ...rsna, ratio: 2 }, siim] })).toThrow(invalid);
});
