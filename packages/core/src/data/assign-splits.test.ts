import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignSplits, patientFraction } from './assign-splits.js';
import type { DatasetIndex } from './dataset.js';
import type { Sample, Split } from './sample.js';

type Row = readonly [patient: string, official?: Split];

function index(kind: string, rows: readonly Row[]): DatasetIndex {
  const samples = rows.map(([key, officialSplit], i): Sample => ({
    dataset: kind,
    id: `${kind}-${i}`,
    image: `/data/${kind}/${i}.png`,
    patient: { key },
    ...(officialSplit === undefined ? {} : { officialSplit }),
    labels: { findings: {} },
  }));
  const counts = { images: rows.length, patients: 0, labels: {}, boxes: 0, masks: 0 };
  return { kind, root: `/data/${kind}`, samples, vocabulary: [], counts, skipped: {}, problems: [] };
}

const people = (n: number, official?: 'train' | 'test'): Row[] =>
  Array.from({ length: n }, (_, i): Row => [`p:${i}`, ...(official === undefined ? [] : ([official] as const))] as Row);

const row = fc.tuple(
  fc.integer({ min: 0, max: 40 }).map((n) => `p:${n}`),
  fc.constantFrom(undefined, undefined, 'train' as const, 'test' as const),
);
const datasets = fc.array(fc.array(row, { maxLength: 60 }), { minLength: 1, maxLength: 4 });

test('a patient stands on one side in every dataset, as the official lists say, whatever the images', () => {
  fc.assert(
    fc.property(datasets, fc.integer(), (tables, seed) => {
      const indexes = tables.map((rows, i) => index(`set${i}`, rows as Row[]));
      const { samples } = assignSplits(indexes, { seed });
      const sides = new Map<string, string>();
      for (const sample of samples.flat()) {
        expect(sides.get(sample.patient.key) ?? sample.split).toBe(sample.split);
        sides.set(sample.patient.key, sample.split);
      }
      const everybody = indexes.flatMap((one) => one.samples);
      for (const [key, side] of sides) {
        const official = new Set(everybody.filter((s) => s.patient.key === key).map((s) => s.officialSplit));
        if (official.has('test')) expect(side).toBe('test');
        else if (official.has('train')) expect(side).not.toBe('test');
      }
    }),
    { numRuns: 1000 },
  );
});

test('the side of a patient without a list depends on seed and key alone', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 30 }), fc.integer(), (keys, seed) => {
      const rows = keys.map((key): Row => [key]);
      const { samples } = assignSplits([index('a', rows)], { seed });
      const alone = assignSplits([index('b', [...rows].reverse().slice(0, 1)), index('c', rows.slice(0, 1))], { seed });
      expect(alone.samples[1]?.[0]?.split).toBe(samples[0]?.[0]?.split);
      expect(alone.samples[0]?.[0]?.split).toBe(samples[0]?.at(-1)?.split);
    }),
  );
});

test('shares come out as asked', () => {
  const count = (rows: Row[], options: object) => {
    const parts = { train: 0, validation: 0, test: 0 };
    for (const sample of assignSplits([index('a', rows)], { seed: 7, ...options }).samples[0] ?? [])
      parts[sample.split]++;
    return parts;
  };
  const near = (value: number, share: number) => expect(Math.abs(value / 20_000 - share)).toBeLessThan(0.01);
  const free = count(people(20_000), {});
  near(free.train, 0.7);
  near(free.validation, 0.1);
  near(free.test, 0.2);
  const official = count(people(20_000, 'train'), { validation: 0.25 });
  near(official.validation, 0.25);
  expect(official.test).toBe(0);
  expect(count(people(20, 'test'), {})).toEqual({ train: 0, validation: 0, test: 20 });
});

test('another seed, another split; the hash is the same on every machine', () => {
  const of = (seed: number) => assignSplits([index('a', people(200))], { seed }).samples[0]?.map((s) => s.split);
  expect(of(1)).toEqual(of(1));
  expect(of(1)).not.toEqual(of(2));
  // First 48 bits of sha256sum over "1\nnih:2".
  expect(patientFraction(1, 'nih:2')).toBe(0x2e4dd1ff87fa / 2 ** 48);
});

test('one patient in two official lists is a leak, and test', () => {
  const { samples, problems } = assignSplits(
    [
      index('a', [
        ['x', 'train'],
        ['y', 'train'],
      ]),
      index('b', [
        ['x', 'test'],
        ['x', 'train'],
      ]),
    ],
    { seed: 1, validation: 0, test: 0 },
  );
  expect(problems.filter((problem) => problem.code === 'SPLIT_LEAK')).toMatchObject([{ file: '/data/b' }]);
  expect(samples.map((list) => list.map((sample) => sample.split))).toEqual([
    ['test', 'train'],
    ['test', 'test'],
  ]);
});

test('an empty part is a problem', () => {
  const { problems } = assignSplits([index('a', [['x', 'train']])], { seed: 1, validation: 0 });
  expect(problems).toMatchObject([{ code: 'SPLIT_EMPTY', file: '/data/a' }]);
  expect(problems[0]?.message).toContain('falls into test');
});

test.each([
  [-0.1, 0.2],
  [0.1, -1],
  [0.5, 0.5],
  [Number.NaN, 0.2],
])('shares %s and %s are refused', (validation, share) => {
  expect(() => assignSplits([], { seed: 1, validation, test: share })).toThrow(
    expect.objectContaining({ code: 'SPLIT_FRACTIONS' }),
  );
});

test('a validation list of its own: its patients validate everywhere, those of its training list train', () => {
  const own = index('own', [...people(40, 'train'), ['v:1', 'validation'], ['v:2', 'validation'], ['t:1', 'test']]);
  const other = index('other', [['v:1'], ['v:2', 'train'], ['v:2', 'test'], ...people(40)]);
  for (const seed of [1, 2, 3]) {
    const [mine, others] = assignSplits([own, other], { seed }).samples;
    expect(mine?.slice(0, 40).every(({ split }) => split === 'train')).toBe(true);
    expect(mine?.slice(40).map(({ split }) => split)).toEqual(['validation', 'test', 'test']);
    expect(others?.slice(0, 3).map(({ split }) => split)).toEqual(['validation', 'test', 'test']);
    expect(others?.slice(3).every(({ split }) => split === 'train')).toBe(true);
  }
});
