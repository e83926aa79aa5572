import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isMultichexnetError, MultichexnetError, ProblemsError } from '../errors.js';
import { silentLogger } from '../log/logger.js';
import { PluginRegistry } from '../plugin/registry.js';
import type { DataProblem } from './dataset.js';
import { isPositive, openDatasets, type OpenedDataset, type OpenRequest } from './open-datasets.js';
import type { Labels, Sample } from './sample.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'open-datasets-'));
});
afterAll(() => rm(root, { recursive: true }));

interface FakeOptions {
  readonly images?: number;
  readonly problems?: readonly DataProblem[];
  readonly fail?: Error;
  readonly labels?: (i: number) => Labels;
  /** What the official list says of the first image. */
  readonly official?: 'train' | 'test';
}
let opened: { root: string; options: unknown; mapped: boolean }[];
let warnings: string[];
beforeEach(() => {
  opened = [];
  warnings = [];
});
const logger = { ...silentLogger, warn: (message: string) => warnings.push(message) };

/** A data set of its options. */
function fake(kind: string, defaults: FakeOptions = {}): never {
  return {
    kind,
    apiVersion: 1,
    options: { type: 'object', properties: {}, additionalProperties: false },
    layout: [`${kind}.csv`, 'images/'],
    checkTable: () => Promise.reject(new Error('not asked for')),
    open: (
      folder: string,
      options: FakeOptions,
      context: { patientOf?: (kind: string, id: string) => string | undefined },
    ) => {
      opened.push({ root: folder, options, mapped: context.patientOf !== undefined });
      const { images = 60, problems = [], fail, labels, official } = { ...defaults, ...options };
      if (fail !== undefined) return Promise.reject(fail);
      const samples = Array.from({ length: images }, (_, i): Sample => ({
        dataset: kind,
        id: `${i}`,
        image: join(folder, `${i}.png`),
        patient: { key: context.patientOf?.(kind, `${i}`) ?? `${kind}:${i >> 1}` },
        labels: labels?.(i) ?? { findings: { Opacity: i % 3 === 0 } },
        ...(official === undefined || i > 0 ? {} : { officialSplit: official }),
      }));
      const counts = { images, patients: images, labels: {}, boxes: 0, masks: 0 };
      return Promise.resolve({ kind, root: folder, samples, vocabulary: ['Opacity'], counts, skipped: {}, problems });
    },
  } as never;
}

const open = (
  datasets: OpenRequest['datasets'],
  more: Partial<OpenRequest> = {},
  plugins = [fake('rsna'), fake('siim')],
) =>
  openDatasets(
    { datasets, seed: 1, splits: { validation: 0.2, test: 0.2 }, maxBroken: 0, ...more },
    new PluginRegistry({ heads: [], encoders: [], datasets: plugins }),
    logger,
  );

async function problemsOf(opening: Promise<unknown>): Promise<readonly MultichexnetError[]> {
  const error = await opening.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProblemsError)) throw new Error('no ProblemsError', { cause: error });
  return error.problems;
}

test('each adapter gets its own options and an absolute root, and every patient is on one side', async () => {
  const sets = await open({ one: { kind: 'rsna', root, images: 50 }, two: { kind: 'siim', root } });
  expect(opened).toEqual([
    { root, options: { images: 50 }, mapped: false },
    { root, options: {}, mapped: false },
  ]);
  expect([...sets.keys()]).toEqual(['one', 'two']);
  expect(sets.get('one')?.samples).toHaveLength(50);
  const sides = new Map<string, Set<string>>();
  for (const { samples } of sets.values())
    for (const { patient, split } of samples) sides.set(patient.key, (sides.get(patient.key) ?? new Set()).add(split));
  for (const parts of sides.values()) expect(parts.size).toBe(1);
  expect(new Set([...sides.values()].flatMap((parts) => [...parts]))).toEqual(new Set(['train', 'validation', 'test']));
});

test('a patient map reaches the adapters, and one person is on one side of both sets', async () => {
  const map = join(root, 'map.csv');
  const rows = ['rsna', 'siim'].flatMap((kind) => Array.from({ length: 60 }, (_, i) => `${kind},${i},person ${i}`));
  await writeFile(map, `dataset,image,patient\n${rows.join('\n')}\n`);
  const sets = await open({ a: { kind: 'rsna', root }, b: { kind: 'siim', root } }, { patientMap: map });
  expect(opened.every(({ mapped }) => mapped)).toBe(true);
  const [a, b] = [...sets.values()].map(({ samples }) =>
    samples.map(({ patient, split }) => `${patient.key} ${split}`),
  );
  expect(a).toEqual(b);
});

test('a broken patient map is reported with its place', async () => {
  const map = join(root, 'bad.csv');
  await writeFile(map, 'dataset,image,patient\nrsna,1,a\nrsna,1,b\n');
  const problems = await problemsOf(open({ a: { kind: 'rsna', root } }, { patientMap: map }));
  expect(problems.map(({ code, place }) => [code, place.line])).toEqual([['PATIENT_CONFLICT', 3]]);
});

test('everything that is wrong is reported at once: no root, no folder, what the adapters say', async () => {
  const problem = { code: 'CSV_ROW', file: 'labels.csv', line: 7, message: 'ragged' };
  const missing = new MultichexnetError('DATA_ROOT_MISSING', 'no labels.csv', { file: join(root, 'labels.csv') });
  const problems = await problemsOf(
    open(
      {
        a: { kind: 'rsna' },
        b: { kind: 'rsna', root: join(root, 'nowhere') },
        c: { kind: 'rsna', root, problems: [problem, { ...problem, file: '', code: 'SPLIT_LEAK' }] },
        d: { kind: 'siim', root, fail: missing },
        e: { kind: 'rnsa', root },
      },
      {},
    ),
  );
  expect(problems.map(({ code, message, place }) => [code, message, place])).toEqual([
    ['DATA_ROOT_MISSING', 'no root given for dataset "a"; pass --data a=FOLDER', { path: 'datasets.a.root' }],
    [
      'DATA_ROOT_MISSING',
      `${join(root, 'nowhere')} is no folder; a root of "b" holds rsna.csv, images/`,
      { file: join(root, 'nowhere'), path: 'datasets.b.root' },
    ],
    ['DATA_ROOT_MISSING', 'no labels.csv', { file: join(root, 'labels.csv'), path: 'datasets.d.root' }],
    ['PLUGIN_UNKNOWN', 'no dataset plugin of kind "rnsa"; did you mean "rsna"?', { path: 'datasets.e.root' }],
    ['CSV_ROW', 'ragged', { file: join(root, 'labels.csv'), line: 7, path: 'datasets.c' }],
    ['SPLIT_LEAK', 'ragged', { file: root, line: 7, path: 'datasets.c' }],
  ]);
});

test('so many broken files as the config allows are left out with a warning', async () => {
  const problem = { code: 'DATA_MISSING_FILE', file: 'images/3.png', message: 'not there' };
  const datasets = { a: { kind: 'rsna', root, problems: [problem] }, b: { kind: 'siim', root, problems: [problem] } };
  expect((await open(datasets, { maxBroken: 2 })).size).toBe(2);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toContain('DATA_MISSING_FILE');
  expect(await problemsOf(open(datasets, { maxBroken: 1 }))).toHaveLength(2);
});

test('an adapter that crashes is not taken for bad data', async () => {
  await expect(open({ a: { kind: 'rsna', root, fail: new TypeError('x is undefined') } })).rejects.toThrow(TypeError);
});

test('an adapter with its own copy of core is understood', async () => {
  const foreign = Object.assign(new Error('no labels.csv'), {
    code: 'DATA_ROOT_MISSING',
    place: {},
    [Symbol.for('@multichexnet/core/error')]: true,
  });
  expect(isMultichexnetError(foreign)).toBe(true);
  const problems = await problemsOf(open({ a: { kind: 'rsna', root, fail: foreign } }));
  expect(problems[0]?.place.path).toBe('datasets.a.root');
});

test('a part without samples is an error for each set that lacks it', async () => {
  const problems = await problemsOf(
    open({ a: { kind: 'rsna', root, images: 1 }, b: { kind: 'siim', root, images: 1 } }),
  );
  expect(problems.map(({ code }) => code)).toEqual(['SPLIT_EMPTY', 'SPLIT_EMPTY', 'SPLIT_EMPTY', 'SPLIT_EMPTY']);
  const one = await problemsOf(open({ a: { kind: 'rsna', root } }, { splits: { validation: 0.3, test: 0.0001 } }));
  expect(one.map(({ code }) => code)).toEqual(['SPLIT_EMPTY']);
  await expect(open({ a: { kind: 'rsna', root } }, { splits: { validation: 0.5, test: 0.5 } })).rejects.toThrow(
    expect.objectContaining({ code: 'SPLIT_FRACTIONS' }),
  );
});

test('official lists that contradict each other are warned of, and the patient is test in both', async () => {
  const map = join(root, 'one.csv');
  await writeFile(map, `dataset,image,patient\nrsna,0,person\nsiim,0,person\n`);
  const sets = await open({ a: { kind: 'rsna', root }, b: { kind: 'siim', root } }, { patientMap: map }, [
    fake('rsna', { official: 'train' }),
    fake('siim', { official: 'test' }),
  ]);
  expect([...sets.values()].map(({ samples }) => samples[0]?.split)).toEqual(['test', 'test']);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^SPLIT_LEAK .*patient person is in test with 0/);
});

const box = { x: 0, y: 0, width: 1, height: 1 };
test.each<[Labels, boolean | undefined]>([
  [{ findings: {} }, undefined],
  [{ findings: { A: false } }, false],
  [{ findings: { A: false, B: true } }, true],
  [{ findings: { A: true }, boxes: [] }, false],
  [{ findings: {}, boxes: [box] }, true],
  [{ findings: {}, mask: { width: 1, height: 1, rle: [] } }, false],
  [{ findings: {}, mask: { width: 1, height: 1, rle: ['0 1'] } }, true],
  [{ findings: {}, boxes: [box], mask: { width: 1, height: 1, rle: [] } }, false],
])('%j is positive: %j', async (labels, positive) => {
  expect(isPositive({ labels } as Sample)).toBe(positive);
  const sets = await open({ a: { kind: 'rsna', root, labels: () => labels } });
  expect(sets.get('a')?.samples[0]?.labels.findings['positive']).toBe(positive);
  const { positive: _, ...own } = sets.get('a')!.samples[0]!.labels.findings;
  expect(own).toEqual(labels.findings);
});

test('the fingerprint changes with labels, patients and parts, not with the folder', async () => {
  const of = async (more: object, request: Partial<OpenRequest> = {}): Promise<string> =>
    (await open({ a: { kind: 'rsna', root, ...more } }, request)).get('a')!.fingerprint;
  const base = await of({});
  expect(await of({})).toBe(base);
  expect(await of({ root: tmpdir() })).toBe(base);
  expect(await of({ labels: (i: number) => ({ findings: { Opacity: i % 3 === 1 } }) })).not.toBe(base);
  expect(await of({ images: 61 })).not.toBe(base);
  expect(await of({}, { seed: 2 })).not.toBe(base);
});

test('a fraction of the training patients: an option of core, not of the adapter; another fingerprint, the same content', async () => {
  const set = async (fraction?: number) =>
    (await open({ a: { kind: 'rsna', root, images: 200, ...(fraction === undefined ? {} : { fraction }) } })).get('a')!;
  const [whole, tenth, all] = [await set(), await set(0.1), await set(1)];
  const ids = ({ samples }: OpenedDataset, part: string): string[] =>
    samples.filter(({ split }) => split === part).map(({ id }) => id);
  expect(ids(tenth, 'test')).toEqual(ids(whole, 'test'));
  expect(ids(tenth, 'validation')).toEqual(ids(whole, 'validation'));
  expect(ids(tenth, 'train').length).toBeLessThan(0.2 * ids(whole, 'train').length);
  expect(ids(tenth, 'train').length).toBeGreaterThan(0);
  expect([tenth.content, all.fingerprint]).toEqual([whole.content, whole.fingerprint]);
  expect(tenth.fingerprint).not.toBe(whole.fingerprint);
});
