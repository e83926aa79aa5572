import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assignSplits, readPatientMap } from '@multichexnet/core';
import { expect, test } from 'vitest';
import { readLocalisations } from './localise.js';
import { chestXray14Dataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const found = existsSync(join(data, 'stats.json'));
if (!found) process.stdout.write('skipped: real data not found\n');
const root = join(data, 'chestxray14');

interface Part {
  readonly images: number;
  readonly patients: number;
  readonly labels: Readonly<Record<string, number>>;
}
interface Stats extends Part {
  readonly views: Readonly<Record<string, number>>;
  readonly bbox_rows: number;
  readonly bbox_images: number;
  readonly bbox_labels: Readonly<Record<string, number>>;
  readonly train_val: Part;
  readonly test: Part;
}

const readStats = () =>
  (JSON.parse(readFileSync(join(data, 'stats.json'), 'utf8')) as { chestxray14: Stats }).chestxray14;

function tally(words: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

test.skipIf(!found)('the real root agrees with its counts', async () => {
  const stats = readStats();
  const map = await readPatientMap(join(data, 'patient_map.csv'));
  const index = await chestXray14Dataset.open(root, {}, { patientOf: map.patientOf });
  expect([index.problems, index.skipped]).toEqual([[], {}]);
  expect(index.counts).toEqual({
    images: stats.images,
    patients: stats.patients,
    labels: stats.labels,
    views: stats.views,
    boxes: stats.bbox_rows,
    masks: 0,
    positives: stats.bbox_images,
  });
  expect(tally(index.samples.map((sample) => sample.view ?? 'unknown'))).toEqual(stats.views);
  for (const sample of index.samples) {
    expect(Object.keys(sample.labels.findings).length).toBe(14);
    expect(sample.labels.boxes).toBeUndefined();
    expect(sample.patient.key).toMatch(/^nih:\d+$/);
  }
});

test.skipIf(!found)('the official lists become the parts, validation cut from training by patient', async () => {
  const stats = readStats();
  const index = await chestXray14Dataset.open(root, {}, {});
  const { samples, problems } = assignSplits([index], { seed: 1 });
  expect(problems).toEqual([]);
  const of = (...parts: string[]) => (samples[0] ?? []).filter((sample) => parts.includes(sample.split));
  for (const [part, list] of [
    [stats.test, of('test')],
    [stats.train_val, of('train', 'validation')],
  ] as const) {
    expect(list.length).toBe(part.images);
    expect(new Set(list.map((sample) => sample.patient.key)).size).toBe(part.patients);
    const { 'No Finding': _, ...labels } = part.labels;
    const positive = list.flatMap(({ labels: { findings } }) => Object.keys(findings).filter((name) => findings[name]));
    expect({ ...Object.fromEntries(Object.keys(labels).map((name) => [name, 0])), ...tally(positive) }).toEqual(labels);
  }
  expect(of('validation').length).toBeGreaterThan(30);
});

test.skipIf(!found)('boxes come in pixels of the stored image', async () => {
  const { boxes, problems } = await readLocalisations(root);
  expect(problems).toEqual([]);
  const { Infiltrate = 0, ...labels } = readStats().bbox_labels;
  expect(tally([...boxes.values()].flat().map((box) => box.finding ?? ''))).toEqual({
    ...labels,
    Infiltration: Infiltrate,
  });
  const box = boxes.get('00008365_000.png')?.[0];
  expect(box?.x).toBeCloseTo(337.898305084746 / 4, 9);
  expect(box?.height).toBeCloseTo(403.525423728814 / 4, 9);
});
