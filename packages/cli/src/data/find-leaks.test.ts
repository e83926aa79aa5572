import { assignSplits, type DatasetIndex, type Sample, type Split } from '@multichexnet/core';
import { chestXray14Dataset } from '@multichexnet/dataset-chestxray14';
import { rsnaDataset } from '@multichexnet/dataset-rsna';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readPatientMap } from '@multichexnet/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findLeaks } from './find-leaks.js';

function indexOf(kind: string, rows: readonly (readonly [id: string, patient: string, side?: Split | undefined])[]) {
  const samples = rows.map(([id, key, officialSplit]): Sample => ({
    dataset: kind,
    id,
    image: `/${id}`,
    patient: { key },
    ...(officialSplit === undefined ? {} : { officialSplit }),
    labels: { findings: {} },
  }));
  const counts = { images: rows.length, patients: 0, labels: {}, boxes: 0, masks: 0 };
  return { kind, root: `/${kind}`, samples, vocabulary: [], counts, skipped: {}, problems: [] } satisfies DatasetIndex;
}

const nih = indexOf('nih', [
  ['a0', 'p1', 'train'],
  ['a1', 'p2', 'test'],
  ['a2', 'p2', 'test'],
  ['a3', 'p10', 'test'],
  ['a4', 'p10', 'train'],
  ['a5', 'p5'],
]);
const rsna = indexOf('rsna', [
  ['b0', 'p2'],
  ['b1', 'p5'],
  ['b2', 'p7'],
]);

test('names patients across datasets and inside one, in order of their numbers', () => {
  const { leaks, datasets, notes } = findLeaks([nih, rsna], 'official', 1);
  expect(leaks).toEqual([
    {
      patient: 'p2',
      held: [{ dataset: 'nih', split: 'test', images: ['a1', 'a2'] }],
      training: [{ dataset: 'rsna', split: 'train', images: ['b0'] }],
    },
    {
      patient: 'p10',
      held: [{ dataset: 'nih', split: 'test', images: ['a3'] }],
      training: [{ dataset: 'nih', split: 'train', images: ['a4'] }],
    },
  ]);
  expect(datasets[0]?.parts).toEqual({ train: 2, validation: 0, test: 3, none: 1 });
  expect(notes.join('\n')).toContain('rsna has no lists of its own');
  expect(notes.join('\n')).toContain('only a patient map can say');
});

const someIndexes = fc.array(
  fc.array(fc.tuple(fc.nat(40), fc.constantFrom('train' as const, 'validation' as const, 'test' as const, undefined)), {
    minLength: 1,
    maxLength: 60,
  }),
  { minLength: 1, maxLength: 3 },
);

test('splits as assigned are disjoint by patient, for any seed, shares, datasets and contradicting lists', () => {
  fc.assert(
    fc.property(
      someIndexes,
      fc.nat(2 ** 31 - 1),
      fc.double({ min: 0, max: 0.49, noNaN: true }),
      (sets, seed, share) => {
        const indexes = sets.map((rows, i) =>
          indexOf(
            `d${i}`,
            rows.map(([patient, side], j) => [`${i}-${j}`, `p${patient}`, side] as const),
          ),
        );
        expect(findLeaks(indexes, 'assigned', seed).leaks).toEqual([]);
        const sides = new Map<string, string>();
        for (const { patient, split } of assignSplits(indexes, { seed, validation: share, test: share }).samples.flat())
          expect(sides.get(patient.key) ?? split, sides.set(patient.key, split) && patient.key).toBe(split);
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
  );
});

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');

test('real data: the test patients of ChestX-ray14 whose films RSNA trains on', async (ctx) => {
  if (!existsSync(join(data, 'patient_map.csv'))) {
    process.stdout.write('skipped: real data not found\n');
    ctx.skip();
  }
  const { patientOf } = await readPatientMap(join(data, 'patient_map.csv'));
  const indexes = [
    await chestXray14Dataset.open(join(data, 'chestxray14'), {}, { patientOf }),
    await rsnaDataset.open(join(data, 'rsna'), { headers: false }, { patientOf }),
  ];
  // The same from the files alone: the patient's number is in NIH's names.
  const lines = (file: string): string[] => readFileSync(join(data, file), 'utf8').trim().split(/\r?\n/);
  const patient = (image: string): string => `nih:${Number(image.slice(0, 8))}`;
  const held = new Set(lines('chestxray14/test_list.txt').map(patient));
  const trained = lines('rsna/sources.csv')
    .slice(1)
    .map((line) => `nih:${line.split(',')[3] ?? ''}`);
  const expected = [...new Set(trained.filter((key) => held.has(key)))];

  const official = findLeaks(indexes, 'official', 1);
  expect(official.leaks.map((leak) => leak.patient).sort()).toEqual(expected.sort());
  expect(expected.length).toBeGreaterThan(10);
  for (const seed of [1, 2, 3]) expect(findLeaks(indexes, 'assigned', seed).leaks).toEqual([]);
});
