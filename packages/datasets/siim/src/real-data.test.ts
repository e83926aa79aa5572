import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ProblemList, readPatientMap, readTable } from '@multichexnet/core';
import { decodeRle } from '@multichexnet/imaging';
import { expect, test } from 'vitest';
import { siimDataset } from './plugin.js';

const data = process.env['MULTICHEXNET_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data/dev');
const found = existsSync(join(data, 'stats.json'));
if (!found) process.stdout.write('skipped: real data not found\n');
const root = join(data, 'siim');

interface Stats {
  readonly siim: {
    readonly images: number;
    readonly patients: number;
    readonly positives: number;
    readonly negatives: number;
    readonly mask_rows: number;
    readonly mask_pixels: number;
  };
}

test.skipIf(!found)('the real root agrees with its counts', async () => {
  const { siim: stats } = JSON.parse(readFileSync(join(data, 'stats.json'), 'utf8')) as Stats;
  const map = await readPatientMap(join(data, 'patient_map.csv'));
  const index = await siimDataset.open(root, {}, { patientOf: map.patientOf });
  expect([index.problems, index.skipped]).toEqual([[], {}]);
  expect(index.counts).toMatchObject({
    images: stats.images,
    patients: stats.patients,
    labels: { Pneumothorax: stats.positives, 'No Pneumothorax': stats.negatives },
    boxes: 0,
    masks: stats.mask_rows,
    positives: stats.positives,
  });
  expect(index.samples.length).toBe(stats.images);
});

test.skipIf(!found)('every united mask has the expected pixels and centre', async () => {
  const index = await siimDataset.open(root, {}, {});
  const labels = new Map(index.samples.map((sample) => [sample.id, sample.labels]));
  const columns = {
    id: { name: 'SOPUID' },
    pixels: { name: 'pixels' },
    x: { name: 'centroid_x' },
    y: { name: 'centroid_y' },
  };
  const areas = { path: join(root, 'expected_areas.csv'), name: 'expected_areas.csv' };
  const { rows } = await readTable(areas, columns, new ProblemList(), ({ id, pixels, x, y }) => {
    const { findings, mask } = labels.get(id) ?? {};
    if (mask === undefined) throw new Error(`no mask for ${id}`);
    expect(findings).toEqual({ Pneumothorax: pixels !== '0' });
    const united = decodeRle(mask.rle, { ...mask, relative: true });
    let [area, sumX, sumY] = [0, 0, 0];
    united.forEach((inside, at) => {
      if (inside === 0) return;
      area++;
      sumX += at % mask.width;
      sumY += Math.floor(at / mask.width);
    });
    expect([id, area]).toEqual([id, Number(pixels)]);
    if (area === 0) return;
    expect(sumX / area).toBeCloseTo(Number(x), 1);
    expect(sumY / area).toBeCloseTo(Number(y), 1);
  });
  expect(rows).toBe(index.samples.length);
});

test.skipIf(!found)('without a map the patient is the one in the header', async () => {
  const index = await siimDataset.open(root, {}, {});
  expect(index.counts.patients).toBeLessThan(index.counts.images);
  for (const sample of index.samples) expect(sample.patient.key).toMatch(/^siim:./);
});
