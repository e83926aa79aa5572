import { silentLogger } from '@multichexnet/core';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createContainer } from '../create-container.js';
import { PluginRegistryToken } from '@multichexnet/core';
import { measureRoots, type RootsStats } from './measure-roots.js';
import { openRoots } from './open-roots.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const found = existsSync(join(data, 'stats.json'));
if (!found) process.stdout.write('skipped: real data not found\n');
const KINDS = ['chestxray14', 'rsna', 'siim', 'covid'];
let measured: RootsStats;

beforeAll(async () => {
  if (!found) return;
  const registry = createContainer({ logger: silentLogger }).get(PluginRegistryToken);
  const folders = new Map(KINDS.map((kind) => [kind, join(data, kind)]));
  const { roots } = await openRoots({ folders, set: [], patientMap: join(data, 'patient_map.csv') }, registry);
  measured = await measureRoots(roots, true, silentLogger);
});

test.skipIf(!found)('counts of the real roots agree with stats.json', () => {
  const stats = JSON.parse(readFileSync(join(data, 'stats.json'), 'utf8')) as Record<string, Record<string, never>>;
  const [nih, rsna, siim, covid] = measured.datasets;
  expect(nih).toMatchObject({
    images: stats['chestxray14']?.['images'],
    patients: stats['chestxray14']?.['patients'],
    labels: stats['chestxray14']?.['labels'],
    views: stats['chestxray14']?.['views'],
    boxes: stats['chestxray14']?.['bbox_rows'],
    positives: stats['chestxray14']?.['bbox_images'],
    sizes: { '256 x 256': stats['chestxray14']?.['images'] },
    formats: { png: stats['chestxray14']?.['images'] },
  });
  for (const [part, list] of [
    ['officialTrain', 'train_val'],
    ['officialTest', 'test'],
  ] as const) {
    const { images, patients, labels } = stats['chestxray14']?.[list] as unknown as {
      images: number;
      patients: number;
      labels: Record<string, number>;
    };
    const { 'No Finding': none, ...findings } = labels;
    const there = Object.fromEntries(Object.entries(findings).filter(([, count]) => count > 0));
    expect(nih?.parts[part]).toEqual({ images, patients, none, findings: there });
  }
  expect(rsna).toMatchObject({
    images: stats['rsna']?.['dicoms'],
    patients: stats['rsna']?.['nih_patients'],
    labels: stats['rsna']?.['classes'],
    boxes: stats['rsna']?.['boxes'],
    attributes: { class: stats['rsna']?.['classes'] },
    findings: { Pneumonia: { yes: stats['rsna']?.['positive'], no: stats['rsna']?.['negative'], unknown: 0 } },
    sizes: { '1024 x 1024': stats['rsna']?.['dicoms'] },
  });
  expect(siim).toMatchObject({
    images: stats['siim']?.['images'],
    patients: stats['siim']?.['patients'],
    masks: stats['siim']?.['mask_rows'],
    findings: { Pneumothorax: { yes: stats['siim']?.['positives'], no: stats['siim']?.['negatives'], unknown: 0 } },
  });
  expect(covid).toMatchObject({
    images: stats['covid']?.['images'],
    patients: stats['covid']?.['patients'],
    labels: stats['covid']?.['findings'],
    views: stats['covid']?.['views'],
  });
});

test.skipIf(!found)('every film that RSNA took from ChestX-ray14 is found by its pixels, and is of one patient', () => {
  const groupOf = new Map<string, number>();
  for (const [i, { images }] of measured.duplicates.entries())
    for (const { dataset, id } of images) groupOf.set(`${dataset} ${id}`, i);
  const rows = readFileSync(join(data, 'rsna/sources.csv'), 'utf8').trim().split(/\r?\n/).slice(1);
  const pairs = rows
    .map((line) => line.split(','))
    .filter(([, , nih = '']) => existsSync(join(data, 'chestxray14/images', nih)));
  expect(pairs.length).toBeGreaterThan(100);
  const missed = pairs.filter(([rsna, , nih]) => {
    const group = groupOf.get(`rsna ${rsna ?? ''}`);
    return group === undefined || group !== groupOf.get(`chestxray14 ${nih ?? ''}`);
  });
  expect(missed).toEqual([]);
  // With the patient map training puts both on one side.
  expect(measured.duplicates.filter(({ acrossParts }) => acrossParts)).toEqual([]);
  const rsnaGroups = measured.duplicates.filter(({ images }) => images.some(({ dataset }) => dataset === 'rsna'));
  expect(rsnaGroups.filter(({ samePatient }) => !samePatient)).toEqual([]);
});
