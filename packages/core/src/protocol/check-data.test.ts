import { expect, test } from 'vitest';
import type { OpenedDataset } from '../data/open-datasets.js';
import type { Split, SplitSample } from '../data/sample.js';
import { checkData } from './check-data.js';
import { divide, foldPlan } from './fold-plan.js';
import type { ResolvedPhase } from './resolved-phase.js';

type Row = readonly [split: Split, positive?: boolean | undefined, patient?: number];
const dataset = (name: string, rows: readonly Row[]): [string, OpenedDataset] => [
  name,
  {
    name,
    index: {} as never,
    fingerprint: '',
    content: '',
    notes: [],
    samples: rows.map(([split, positive, patient], i): SplitSample => ({
      dataset: name,
      id: `${i}`,
      image: `/${i}.png`,
      patient: { key: `p${patient ?? i}` },
      split,
      labels: { findings: positive === undefined ? {} : { positive } },
    })),
  },
];
const good: Row[] = [
  ['train', true],
  ['train', false],
  ['validation', true],
  ['test', false],
];

const phase = (more: Partial<ResolvedPhase> = {}, on = 'rsna', train = ['encoder', 'det']): ResolvedPhase =>
  ({
    name: 'one',
    gate: {},
    from: {},
    heads: {},
    schedule: { kind: 'alternating', turns: [{ on, train }] },
    ...more,
  }) as ResolvedPhase;
const problems = (
  phases: readonly ResolvedPhase[],
  ...sets: [string, OpenedDataset][]
): [string, string | undefined][] => checkData(phases, new Map(sets), 1).map(({ code, place }) => [code, place.path]);

test('a phase whose parts all hold what it needs is let through', () => {
  expect(problems([phase({ gate: { det: 'own' } })], dataset('rsna', good))).toEqual([]);
  expect(problems([phase({}, 'rsna', ['encoder', 'gate'])], dataset('rsna', good))).toEqual([]);
});

test('an empty part is named, for every dataset of every phase', () => {
  const found = checkData(
    [phase(), phase({ name: 'two' }, 'siim')],
    new Map([
      dataset(
        'rsna',
        good.filter(([split]) => split !== 'validation'),
      ),
      dataset('siim', [['test', true]]),
    ]),
    1,
  );
  expect(found.map(({ code, place }) => [code, place.path])).toEqual([
    ['SPLIT_EMPTY', 'phases.one'],
    ['SPLIT_EMPTY', 'phases.two'],
    ['SPLIT_EMPTY', 'phases.two'],
  ]);
  expect(found[0]?.message).toContain('the validation part of "rsna" is empty');
  expect(found[1]?.message).toContain('the train part of "siim" is empty');
});

test('a gated head needs a positive to learn from; a head without a gate does not', () => {
  const rows = good.map(([split, positive]): Row => [split, split === 'train' ? false : positive]);
  expect(problems([phase({ gate: { det: 'own' } })], dataset('rsna', rows))).toEqual([
    ['DATA_NO_POSITIVES', 'phases.one'],
  ]);
  expect(problems([phase({ gate: { seg: 'own' } })], dataset('rsna', rows))).toEqual([]);
});

test.each([[true], [false], [undefined]])('a gate cannot learn from one class (%j)', (only) => {
  const rows = good.map(([split]): Row => [split, only]);
  expect(problems([phase({}, 'rsna', ['encoder', 'gate'])], dataset('rsna', rows))).toEqual([
    ['DATA_ONE_CLASS', 'phases.one'],
  ]);
});

test('unknown samples are no second class', () => {
  const rows: Row[] = [['train', true], ['train'], ['validation', true], ['test', true]];
  expect(problems([phase({}, 'rsna', ['gate'])], dataset('rsna', rows))).toEqual([['DATA_ONE_CLASS', 'phases.one']]);
});

const many = (count: number, tests: number): Row[] =>
  Array.from({ length: count }, (_, i): Row => [
    i < tests ? 'test' : i % 5 === 0 ? 'validation' : 'train',
    i % 2 === 0,
  ]);

test('auto deals folds when the test part is small', () => {
  const of = (rows: readonly Row[]) => foldPlan(phase({ crossValidate: 'auto' }), new Map([dataset('rsna', rows)]));
  expect(of(many(300, 99))).toEqual({ folds: 5, repeats: 2 });
  expect(of(many(300, 100))).toBeUndefined();
  expect(foldPlan(phase(), new Map())).toBeUndefined();
  expect(foldPlan(phase({ crossValidate: { folds: 3, repeats: 1 } }), new Map())).toEqual({ folds: 3, repeats: 1 });
  const two = phase({
    crossValidate: 'auto',
    schedule: {
      kind: 'joint',
      turns: [
        { on: 'a', train: ['det'] },
        { on: 'b', train: ['det'] },
      ],
    },
  });
  expect(() => foldPlan(two, new Map())).toThrow(expect.objectContaining({ code: 'PROTOCOL_PHASE' }));
});

test('fewer patients than folds', () => {
  const rows = many(40, 10).map(([split, positive], i): Row => [split, positive, i % 4]);
  expect(problems([phase({ crossValidate: 'auto' })], dataset('rsna', rows))).toEqual([
    ['SPLIT_EMPTY', 'phases.one.crossValidate'],
  ]);
});

test('nothing starts from a phase that deals folds', () => {
  const folded = phase({ crossValidate: 'auto' });
  const child = phase({ name: 'child', from: { encoder: 'one' } });
  const gated = phase({ name: 'gated', gate: { det: 'one' } });
  expect(problems([folded, child, gated], dataset('rsna', many(40, 10)))).toEqual([
    ['PROTOCOL_FROM', 'phases.child'],
    ['PROTOCOL_FROM', 'phases.gated'],
  ]);
  expect(problems([folded, child, gated], dataset('rsna', many(300, 150)))).toEqual([]);
});

test('a fold is not tested on what an ancestor was trained on, nor on its patients under another name', () => {
  const rsna = dataset('rsna', many(40, 10));
  const covid = dataset(
    'covid',
    many(40, 10).map(([split, positive], i): Row => [split, positive, 1000 + i]),
  );
  const first = phase({ name: 'first' }, 'covid');
  const second = phase({ name: 'second', from: { encoder: 'first' } }, 'rsna');
  const folded = phase({ crossValidate: 'auto', from: { encoder: 'second' } }, 'covid');
  const leak = [['PROTOCOL_FOLD_LEAK', 'phases.one.crossValidate']];
  expect(problems([first, second, folded], covid, rsna)).toEqual(leak);
  expect(problems([phase({ name: 'first' }), second, folded], covid, rsna)).toEqual([]);
  // As where a patient map knows the images of two datasets for one person's; a patient of the other's test part alone taught nothing.
  const shared = (split: Split): [string, OpenedDataset] => {
    const others = many(40, 10).map(([part, positive], i): Row => [part, positive, 1000 + i]);
    return dataset('covid', [...others, [split, true, many(40, 10).findIndex(([part]) => part === split)]]);
  };
  expect(problems([second, folded], shared('train'), rsna)).toEqual(leak);
  expect(problems([second, folded], shared('validation'), rsna)).toEqual(leak);
  expect(problems([second, folded], shared('test'), rsna)).toEqual([]);
  const [problem] = checkData([second, folded], new Map([shared('train'), rsna]), 1);
  expect(problem?.message).toContain('tested on 1 patient whose images of "rsna" phase "second"');
});

test('more shots than a training part has are refused with what is possible', () => {
  const shots = (count: number, more: Partial<ResolvedPhase> = {}) =>
    checkData([phase({ shots: { finding: 'positive', count }, ...more })], new Map([dataset('rsna', many(40, 10))]), 1);
  // 24 of 40 train, every second one positive.
  const most = 12;
  expect(shots(most)).toEqual([]);
  const [problem] = shots(most + 1);
  expect([problem?.code, problem?.place.path]).toEqual(['DATA_FEW_SHOTS', 'phases.one.shots.count']);
  expect(problem?.message).toContain('ask for at most 12 (--set phases.one.shots.count=12');
  const folded = { crossValidate: { folds: 5, repeats: 2 } };
  expect(shots(12, folded)).toEqual([]);
  expect(shots(13, folded)[0]?.message).toMatch(/the smallest of 10 training parts.* at most 12 .*deal more folds/s);
  expect(shots(1, { shots: { finding: 'Hernia', count: 1 } })[0]?.message).toContain(
    'has 0 with and 0 without; train on',
  );
});

test('folds are dealt evenly by the one finding that the phase tells', () => {
  const [, { samples }] = dataset('covid', many(60, 10));
  // Whether an image has any finding says nothing here: all have.
  const told = samples.map((sample, i) => ({ ...sample, labels: { findings: { positive: true, COVID: i < 20 } } }));
  const heads = { cls: { kind: 'cls', classes: ['COVID'] } };
  for (const parts of divide(told, { folds: 5, repeats: 3 }, { heads }, 1))
    expect(told.filter(({ labels }, i) => parts[i] === 'test' && labels.findings['COVID'] === true)).toHaveLength(4);
});

test('too few sources to leave one out are refused with what can be asked for instead', () => {
  const [name, covid] = dataset('covid', many(40, 10));
  const told = covid.samples.map((sample, i) => ({ ...sample, source: i < 25 ? 'a' : i < 34 ? 'b' : 'c' }));
  const of = (least: number) =>
    checkData(
      [phase({ crossValidate: { by: 'source', least } }, 'covid')],
      new Map([[name, { ...covid, samples: told }]]),
      1,
    );
  expect(of(9)).toEqual([]);
  expect(of(20)[0]).toMatchObject({ code: 'DATA_SOURCES', place: { path: 'phases.one.crossValidate' } });
  expect(of(20)[0]?.message).toContain('has 1 source with at least 20 images');
  expect(of(20)[0]?.message).toContain('--set phases.one.crossValidate.least=9), or deal folds of whole sources');
});
