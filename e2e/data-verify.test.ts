import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { json, multichexnet, root } from './command.ts';

interface Report {
  readonly images: number;
  readonly patients: number;
  readonly labels: Readonly<Record<string, number>>;
  readonly boxes: number;
  readonly masks: number;
  readonly positives?: number;
  readonly splits: Readonly<Record<string, { images: number; patients: number }>>;
  readonly skipped: Readonly<Record<string, number>>;
  readonly usable: { readonly images: number };
  readonly problems: readonly { code: string }[];
}

const tree = inject('phantom');

test.each(['chestxray14', 'rsna', 'siim', 'covid'])('phantom %s is without fault', async (kind) => {
  const { code, document } = await json<Report>([
    ...['data', 'verify', kind, join(tree, kind), '--patient-map', join(tree, 'patient_map.csv')],
  ]);
  expect(document.problems).toEqual([]);
  expect(code).toBe(0);
  expect(document.usable.images).toBeGreaterThanOrEqual(50);
  // Several images a patient, every one of them on one side.
  expect(document.patients).toBeLessThan(document.images);
  const { train, validation, test: held } = document.splits;
  expect((train?.patients ?? 0) + (validation?.patients ?? 0) + (held?.patients ?? 0)).toBeLessThanOrEqual(
    document.patients,
  );
  expect((train?.images ?? 0) + (validation?.images ?? 0) + (held?.images ?? 0)).toBe(document.usable.images);
});

test('for people: a table that fits 80 columns', async () => {
  const { code, stdout } = await multichexnet(['data', 'verify', 'rsna', join(tree, 'rsna'), '--quiet']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/images +100/);
  expect(stdout).toContain('no problems');
});

const real = process.env['MULTICHEXNET_DATA'] ?? join(root, '../shared/data/dev');
const there = existsSync(join(real, 'stats.json'));
if (!there) process.stdout.write('skipped: real data not found\n');

test.skipIf(!there)('real roots agree with what was counted by others', async () => {
  const stats = JSON.parse(readFileSync(join(real, 'stats.json'), 'utf8')) as Record<string, Record<string, never>>;
  const verify = async (kind: string): Promise<Report> =>
    (await json<Report>(['data', 'verify', kind, join(real, kind), '--patient-map', join(real, 'patient_map.csv')]))
      .document;
  const [nih, rsna, siim, covid] = [
    await verify('chestxray14'),
    await verify('rsna'),
    await verify('siim'),
    await verify('covid'),
  ];
  expect(nih).toMatchObject({
    images: stats['chestxray14']?.['images'],
    patients: stats['chestxray14']?.['patients'],
    labels: stats['chestxray14']?.['labels'],
    boxes: stats['chestxray14']?.['bbox_rows'],
    splits: { officialTest: { images: 157, patients: 111 }, officialTrain: { images: 630, patients: 417 } },
  });
  expect(rsna).toMatchObject({
    images: stats['rsna']?.['dicoms'],
    patients: stats['rsna']?.['nih_patients'],
    positives: stats['rsna']?.['positive'],
    boxes: stats['rsna']?.['boxes'],
    labels: stats['rsna']?.['classes'],
  });
  expect(siim).toMatchObject({
    images: stats['siim']?.['images'],
    patients: stats['siim']?.['patients'],
    positives: stats['siim']?.['positives'],
    masks: stats['siim']?.['mask_rows'],
  });
  expect(covid).toMatchObject({
    images: stats['covid']?.['images'],
    patients: stats['covid']?.['patients'],
    labels: stats['covid']?.['findings'],
  });
});
