import { rmSync } from 'node:fs';
import { assignSplits, validate } from '@multichexnet/core';
import { afterEach, expect, test } from 'vitest';
import { folderDataset, folderOptions } from './index.js';
import { mask, png, writeRoot } from './toy-root.js';

let root = '';
afterEach(() => rmSync(root, { recursive: true }));

async function open(files: Readonly<Record<string, string | Uint8Array>>, options: object = {}) {
  root = await writeRoot(files);
  const { value, problems } = validate<never>(folderOptions, options, { path: '', owner: 'folder' });
  expect(problems).toEqual([]);
  return folderDataset.open(root, value, {});
}

test('folders are classes below splits, as the Kermany set has it', async () => {
  const files = ['train/NORMAL/IM-1.png', 'train/PNEUMONIA/p1_b.png', 'val/PNEUMONIA/p2_b.png', 'test/NORMAL/IM-9.png'];
  const index = await open(
    Object.fromEntries(await Promise.all(files.map(async (f, i) => [f, await png(i)] as const))),
  );
  expect(index.problems).toEqual([]);
  expect(index.samples.map(({ id, officialSplit, labels }) => [id, officialSplit, labels.findings])).toEqual([
    ['test/NORMAL/IM-9.png', 'test', { Pneumonia: false }],
    ['train/NORMAL/IM-1.png', 'train', { Pneumonia: false }],
    ['train/PNEUMONIA/p1_b.png', 'train', { Pneumonia: true }],
    ['val/PNEUMONIA/p2_b.png', 'validation', { Pneumonia: true }],
  ]);
  const { samples } = assignSplits([index], { seed: 3 });
  expect(samples[0]?.map(({ split }) => split)).toEqual(['test', 'train', 'train', 'validation']);
});

test('a pattern finds the patient in the path; masks are named like their images; other files are counted', async () => {
  const index = await open(
    {
      'images/Tuberculosis/p1_a.png': await png(1),
      'images/Tuberculosis/p1_b.png': await png(2),
      'images/healthy/p2_a.png': await png(3),
      'images/healthy/odd.png': await png(4),
      'images/healthy/notes.txt': 'text',
      'masks/Tuberculosis/p1_a.png': await mask(true),
      'masks/healthy/p2_a.png': await mask(false),
    },
    { patient: '([^/_]+)_[^/]*$', masks: 'masks', maskFinding: 'Lung Lesion' },
  );
  expect(index.problems.map(({ code, file }) => [code, file])).toEqual([['PATIENT_UNKNOWN', 'healthy/odd.png']]);
  expect(
    index.samples.map(({ id, patient, labels }) => [id, patient.key, labels.findings, labels.mask?.rle.length]),
  ).toEqual([
    ['Tuberculosis/p1_a.png', 'folder:p1', { Tuberculosis: true, 'Lung Lesion': true }, 1],
    ['Tuberculosis/p1_b.png', 'folder:p1', { Tuberculosis: true }, undefined],
    ['healthy/p2_a.png', 'folder:p2', { Tuberculosis: false, 'Lung Lesion': false }, 0],
  ]);
  expect(index.skipped).toEqual({ 'no-image-file': 1 });
});

const coco = {
  categories: [
    { id: 3, name: 'Nodule/Mass' },
    { id: 7, name: 'pleural thickening' },
  ],
  images: [
    { id: 1, file_name: 'a.png', width: 40, height: 30 },
    { id: 2, file_name: 'b.png', width: 40, height: 30 },
  ],
  annotations: [
    { id: 1, image_id: 1, category_id: 7, bbox: [1, 2, 3, 4] },
    { id: 2, image_id: 1, category_id: 3, bbox: [10.5, 2, 3, 4] },
    { id: 3, image_id: 2, category_id: 3, bbox: [0, 0, 40, 30], iscrowd: 1 },
  ],
};

test('a COCO file: boxes with their finding; an image without any has none of the categories', async () => {
  const films = { 'images/a.png': await png(1), 'images/b.png': await png(2), 'images/c.png': await png(3) };
  const index = await open({ ...films, 'boxes.json': JSON.stringify(coco) }, { annotations: 'boxes.json' });
  expect(index.problems).toEqual([]);
  expect(index.samples.map(({ id, labels }) => [id, labels])).toEqual([
    [
      'a.png',
      {
        findings: { 'Nodule/Mass': true, Pleural_Thickening: true },
        boxes: [
          { x: 1, y: 2, width: 3, height: 4, finding: 'Pleural_Thickening' },
          { x: 10.5, y: 2, width: 3, height: 4, finding: 'Nodule/Mass' },
        ],
      },
    ],
    ['b.png', { findings: { 'Nodule/Mass': false, Pleural_Thickening: false }, boxes: [] }],
  ]);
  expect(index.skipped).toEqual({ 'not-in-annotations': 1, 'crowd-region': 1 });
  expect(index.counts).toMatchObject({ images: 2, boxes: 2, positives: 1 });
});

test('a wrong COCO file is said to be wrong entry by entry', async () => {
  const wrong = {
    categories: [{ id: 1, name: 'Mass' }, { id: 2 }],
    images: [
      { id: 1, file_name: 'a.png' },
      { id: 1, file_name: 'b.png' },
      { id: 3, file_name: '../../etc/passwd' },
      { id: 4, file_name: 'b.png' },
      { id: 5, file_name: 'gone.png' },
    ],
    annotations: [
      { image_id: 1, category_id: 1, bbox: [0, 0, 0, 5] },
      { image_id: 99, category_id: 1, bbox: [0, 0, 1, 5] },
      { image_id: 4, category_id: 9, bbox: [0, 0, 1, 5] },
      null,
    ],
  };
  const index = await open(
    { 'a.png': await png(1), 'b.png': await png(2), 'c.json': JSON.stringify(wrong) },
    { annotations: 'c.json' },
  );
  expect(index.samples).toEqual([]);
  expect(index.problems.map(({ code }) => code).sort()).toEqual([
    'BOX_INVALID',
    'COCO_INVALID',
    'COCO_INVALID',
    'DATA_MISSING_FILE',
    'DATA_PATH',
    'ID_UNKNOWN',
    'ID_UNKNOWN',
    'LABEL_UNKNOWN',
  ]);
  const { problems } = await folderDataset.checkTable(`${root}/c.json`);
  expect(problems.length).toBe(7);
});

test.each(['', '[]', '{"images": 3}', '{"images": ['])('%j is no COCO file', async (text) => {
  const index = await open({ 'a.png': await png(1), 'c.json': text }, { annotations: 'c.json' });
  expect(index.problems.every(({ code }) => code === 'COCO_INVALID')).toBe(true);
  expect(index.problems.length).toBeGreaterThan(0);
});

test.each([
  [{ patient: '(' }, 'no regular expression'],
  [{ images: '../elsewhere' }, 'no path below the root'],
  [{ masks: '/etc' }, 'no path below the root'],
])('%j is refused', async (options, text) => {
  await expect(open({ 'a.png': await png(1) }, options)).rejects.toThrow(text);
});
