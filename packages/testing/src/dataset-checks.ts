import { isMultichexnetError, type DatasetIndex, type DatasetPlugin, type Sample } from '@multichexnet/core';
import { decodeRle } from '@multichexnet/imaging';
import { appendFile, cp, mkdtemp, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { expect } from 'vitest';
import type { Check } from './checks.js';

export interface DatasetSetup {
  readonly plugin: DatasetPlugin;
  readonly options: object;
  readonly root: () => Promise<string>;
  /** Tables relative to the root. */
  readonly tables: readonly string[];
}

/** Checks of a dataset adapter on a small root without faults, and on copies of it with one fault. */
export function datasetChecks({ plugin, options, root, tables }: DatasetSetup): Check[] {
  const open = (at: string): Promise<DatasetIndex> => plugin.open(at, options, {});
  const openGood = async (): Promise<DatasetIndex> => open(await root());
  /** Runs `fn` on a throw-away copy of the root. */
  const withCopy = async (fn: (copy: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'test-dataset-'));
    try {
      const copy = join(folder, 'root');
      await cp(await root(), copy, { recursive: true });
      await fn(copy);
    } finally {
      await rm(folder, { recursive: true });
    }
  };
  return [
    {
      name: 'the layout is described',
      run: () => {
        expect(plugin.layout.length).toBeGreaterThan(0);
        for (const line of plugin.layout) expect(line.trim(), 'one line per file or folder').toMatch(/^[^\n]+$/);
      },
    },
    {
      name: 'a good root opens without problems',
      run: async () => {
        const index = await openGood();
        expect(index.problems).toEqual([]);
        expect(index.kind).toBe(plugin.kind);
        expect(index.samples.length).toBeGreaterThan(0);
      },
    },
    {
      name: 'samples are whole: identity, image file, patient, labels of the vocabulary',
      run: async () => {
        const { samples, vocabulary } = await openGood();
        expect(new Set(samples.map(({ id }) => id)).size, 'ids are unique').toBe(samples.length);
        for (const sample of samples) await expectSample(sample, plugin.kind, vocabulary);
      },
    },
    {
      name: 'samples are plain data that crosses threads and files',
      run: async () => {
        const { samples } = await openGood();
        expect(structuredClone(samples)).toEqual(samples);
        expect(JSON.parse(JSON.stringify(samples)), 'no undefined, NaN or typed array inside').toEqual(samples);
      },
    },
    {
      name: 'opening again gives the same index, in the same order',
      run: async () => expect(await openGood()).toEqual(await openGood()),
    },
    {
      name: 'counts agree with the samples',
      run: async () => {
        const { counts, samples } = await openGood();
        const whole = [counts.images, counts.patients, counts.boxes, counts.masks, ...Object.values(counts.labels)];
        for (const count of whole) expect(Number.isInteger(count) && count >= 0, 'counts are whole numbers').toBe(true);
        expect(counts.images, 'images').toBeGreaterThanOrEqual(samples.length);
        expect(counts.patients, 'patients').toBeGreaterThanOrEqual(
          new Set(samples.map(({ patient }) => patient.key)).size,
        );
        expect(counts.boxes, 'boxes').toBeGreaterThanOrEqual(
          samples.reduce((sum, { labels }) => sum + (labels.boxes?.length ?? 0), 0),
        );
        const positives = samples.filter(
          ({ labels }) => (labels.boxes?.length ?? 0) > 0 || (labels.mask?.rle.length ?? 0) > 0,
        ).length;
        if (counts.positives !== undefined) expect(counts.positives, 'positives').toBeGreaterThanOrEqual(positives);
      },
    },
    {
      name: 'a patient map names the patients',
      run: async () => {
        const asked: string[] = [];
        const index = await plugin.open(await root(), options, {
          patientOf: (dataset, image) => {
            asked.push(dataset);
            return `mapped:${image}`;
          },
        });
        expect(new Set(asked), 'asked with the own kind').toEqual(new Set([plugin.kind]));
        for (const { patient } of index.samples) expect(patient.key).toMatch(/^mapped:/);
      },
    },
    {
      name: 'a folder of another layout is refused with what was expected',
      run: async () => {
        const empty = await mkdtemp(join(tmpdir(), 'test-dataset-'));
        try {
          for (const wrong of [empty, join(empty, 'absent')]) {
            const error: unknown = await open(wrong).then(
              () => undefined,
              (thrown: unknown) => thrown,
            );
            expect(isMultichexnetError(error) && error.code, 'DATA_ROOT_MISSING').toBe('DATA_ROOT_MISSING');
            expect((error as Error).message.length, 'the message says what is missing').toBeGreaterThan(20);
          }
        } finally {
          await rm(empty, { recursive: true });
        }
      },
    },
    {
      name: 'an image that is gone is reported and left out, never a crash',
      run: () =>
        withCopy(async (copy) => {
          const before = await open(copy);
          const victim = before.samples[0]!;
          await unlink(victim.image);
          const after = await open(copy);
          expect(after.samples.map(({ id }) => id)).not.toContain(victim.id);
          expect(
            after.problems.length + Object.values(after.skipped).reduce((a, b) => a + b, 0),
            'a problem or a counted skip',
          ).toBeGreaterThan(Object.values(before.skipped).reduce((a, b) => a + b, 0));
          expectProblems(after, copy);
        }),
    },
    {
      name: 'a broken line of a table is reported with file and line, never a crash',
      run: () =>
        withCopy(async (copy) => {
          for (const table of tables) {
            const file = join(copy, table);
            const good = await plugin.checkTable(file);
            expect(good.problems, `${table} as it is`).toEqual([]);
            expect(good.rows, `rows of ${table}`).toBeGreaterThan(0);
            await appendFile(file, '\u0000"broken,,,"";,\n');
            const { problems } = await plugin.checkTable(file);
            expect(problems.length, `problems of ${table} with a broken line`).toBeGreaterThan(0);
            expect(problems.every(({ line }) => line === undefined || (Number.isInteger(line) && line > 0))).toBe(true);
          }
          if (tables.length > 0) expectProblems(await open(copy), copy);
        }),
    },
  ];
}

async function expectSample(sample: Sample, kind: string, vocabulary: readonly string[]): Promise<void> {
  const at = `sample "${sample.id}"`;
  expect(sample.dataset, at).toBe(kind);
  expect(sample.id, 'id').not.toBe('');
  expect(isAbsolute(sample.image), `${at}: absolute image path`).toBe(true);
  expect((await stat(sample.image)).isFile(), `${at}: image file`).toBe(true);
  expect(sample.patient.key, `${at}: patient`).not.toBe('');
  const { ageYears } = sample.patient;
  if (ageYears !== undefined) expect(ageYears >= 0 && ageYears <= 130, `${at}: age ${ageYears}`).toBe(true);
  for (const [finding, value] of Object.entries(sample.labels.findings)) {
    expect(vocabulary, `${at}: finding`).toContain(finding);
    expect(typeof value, `${at}: "${finding}"`).toBe('boolean');
  }
  if (sample.officialSplit !== undefined)
    expect(['train', 'validation', 'test'], `${at}: official split`).toContain(sample.officialSplit);
  for (const [name, value] of Object.entries(sample.attributes ?? {}))
    expect(typeof value, `${at}: attribute "${name}"`).toBe('string');
  for (const { x, y, width, height } of sample.labels.boxes ?? []) {
    expect(
      [x, y, width, height].every(Number.isFinite) && x >= 0 && y >= 0 && width > 0 && height > 0,
      `${at}: box`,
    ).toBe(true);
  }
  const { mask } = sample.labels;
  if (mask !== undefined) {
    const pixels = decodeRle(mask.rle, { width: mask.width, height: mask.height, relative: true });
    expect(pixels.includes(1), `${at}: an empty rle means an empty mask`).toBe(mask.rle.length > 0);
  }
}

/** Every problem says what and where, inside the root. */
function expectProblems({ problems }: DatasetIndex, root: string): void {
  for (const { code, file, line, message } of problems) {
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
    expect(message.length).toBeGreaterThan(5);
    if (isAbsolute(file)) expect(relative(root, file), `file of ${code}`).not.toMatch(/^\.\./);
    if (line !== undefined) expect(line).toBeGreaterThan(0);
  }
}
