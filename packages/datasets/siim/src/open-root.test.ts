import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createUid, decodeRle, writeDicom } from '@multichexnet/imaging';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { siimDataset } from './plugin.js';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'mcx-siim-'))));
afterEach(() => rmSync(root, { recursive: true }));

const uid = (n: number) => `1.2.276.0.${n}`;

async function image(path: string, patientId?: string): Promise<void> {
  const bytes = await writeDicom({
    sopInstanceUid: createUid(path),
    studyInstanceUid: createUid(path, 'study'),
    seriesInstanceUid: createUid(path, 'series'),
    patientId,
    patientSex: 'M',
    patientAge: '30',
    modality: 'CR',
    viewPosition: 'PA',
    width: 10,
    height: 20,
    pixels: new Uint8Array(200),
  });
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
}

const open = () => siimDataset.open(root, {}, {});

test('several rows an image, -1 with and without a space, size from the header', async () => {
  await image(`dicom-images-train/s1/r1/${uid(1)}.dcm`, 'p1');
  await image(`dicom-images-train/s2/r2/${uid(2)}.dcm`, 'p1');
  await image(`dicom-images-train/s3/r3/${uid(3)}.dcm`);
  await image(`dicom-images-train/s4/r4/${uid(4)}.dcm`);
  writeFileSync(
    join(root, 'train-rle.csv'),
    `ImageId, EncodedPixels\n${uid(1)}, 0 10 5 3\n${uid(2)}, -1\n${uid(3)},-1\n${uid(1)}, 190 10\n`,
  );
  const index = await open();
  expect(index.problems).toEqual([]);
  expect(index.skipped).toEqual({ 'not-in-table': 1 });
  expect(index.counts).toEqual({
    images: 3,
    patients: 2,
    labels: { Pneumothorax: 1, 'No Pneumothorax': 2 },
    views: { PA: 3 },
    boxes: 0,
    masks: 2,
    positives: 1,
  });
  expect(index.samples[0]).toEqual({
    dataset: 'siim',
    id: uid(1),
    image: join(root, `dicom-images-train/s1/r1/${uid(1)}.dcm`),
    patient: { key: 'siim:p1', sex: 'M', ageYears: 30 },
    view: 'PA',
    labels: { findings: { Pneumothorax: true }, mask: { width: 10, height: 20, rle: ['0 10 5 3', '190 10'] } },
  });
  expect(index.samples[1]?.labels).toEqual({
    findings: { Pneumothorax: false },
    mask: { width: 10, height: 20, rle: [] },
  });
  expect(index.samples[2]?.patient.key).toBe(`siim:${uid(3)}`);
});

test('the stage 2 form', async () => {
  await image('stage_2_images/ID_0011fe81e.dcm', 'p');
  writeFileSync(join(root, 'stage_2_train.csv'), 'ImageId,EncodedPixels\nID_0011fe81e,-1\n');
  const index = await open();
  expect(index.problems).toEqual([]);
  expect(index.samples.map((sample) => sample.id)).toEqual(['ID_0011fe81e']);
});

test('what is wrong leaves the image out, with file and line', async () => {
  for (const n of [1, 2, 3, 4]) await image(`dicom-images-train/s/r/${uid(n)}.dcm`);
  await image(`dicom-images-train/t/r/${uid(1)}.dcm`);
  const broken = `dicom-images-train/s/r/${uid(5)}.dcm`;
  writeFileSync(join(root, broken), '');
  writeFileSync(
    join(root, 'train-rle.csv'),
    [
      'ImageId, EncodedPixels',
      `${uid(1)}, 0 200`,
      `${uid(2)}, 0 201`,
      `${uid(2)}, 0 5`,
      `${uid(3)}, -1`,
      `${uid(3)}, 0 5`,
      `${uid(4)}, -1`,
      `${uid(4)}, -1`,
      `${uid(5)}, -1`,
      `${uid(6)}, -1`,
      '',
    ].join('\n'),
  );
  const index = await open();
  expect(index.samples.map((sample) => sample.id)).toEqual([uid(1), uid(4)]);
  const found = index.problems.map(({ code, file, line }) => `${code} ${file} ${line ?? ''}`.trim());
  expect(found.sort()).toEqual(
    [
      'RLE_INVALID train-rle.csv 3',
      'LABEL_CONTRADICTION train-rle.csv 6',
      'ID_DUPLICATE train-rle.csv 8',
      'DATA_MISSING_FILE train-rle.csv 10',
      `DICOM_NOT_DICOM ${broken}`,
      `ID_DUPLICATE dicom-images-train/t/r/${uid(1)}.dcm`,
    ].sort(),
  );
});

test('rows of one image are one sample of one patient, and its mask is all of them', async () => {
  await image(`dicom-images-train/s1/r1/${uid(1)}.dcm`);
  writeFileSync(
    join(root, 'train-rle.csv'),
    `ImageId, EncodedPixels\n${uid(1)}, 0 10\n${uid(1)}, 5 10\n${uid(1)}, 100 4\n`,
  );
  const { samples, counts } = await open();
  expect(samples.map(({ id, patient }) => [id, patient.key])).toEqual([[uid(1), `siim:${uid(1)}`]]);
  expect([counts.images, counts.patients, counts.masks, counts.positives]).toEqual([1, 1, 3, 1]);
  const { rle = [], width = 0, height = 0 } = samples[0]?.labels.mask ?? {};
  const mask = decodeRle(rle, { width, height, relative: true, order: 'column' });
  // 0 to 14 and 100 to 103, down the columns of an image of 10 x 20.
  expect(mask.reduce((sum, value) => sum + value, 0)).toBe(19);
  expect([mask[0], mask[14 * 10], mask[15 * 10], mask[5], mask[4 * 10 + 5]]).toEqual([1, 1, 0, 1, 0]);
});

test('two roots do not share anything', async () => {
  await image(`dicom-images-train/s/r/${uid(1)}.dcm`);
  writeFileSync(join(root, 'train-rle.csv'), `ImageId, EncodedPixels\n${uid(1)}, -1\n`);
  const first = await open();
  rmSync(join(root, 'dicom-images-train'), { recursive: true });
  await image(`dicom-images-train/x/y/${uid(1)}.dcm`);
  const second = await open();
  expect(first.samples[0]?.image).toContain('/s/r/');
  expect(second.samples[0]?.image).toContain('/x/y/');
});

test('another folder is not a root', async () => {
  await expect(open()).rejects.toMatchObject({ code: 'DATA_ROOT_MISSING' });
});
