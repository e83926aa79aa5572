import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUid, writeDicom } from '@multichexnet/imaging';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rsnaDataset } from './plugin.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mcx-rsna-'));
  mkdirSync(join(root, 'stage_2_train_images'));
});
afterEach(() => rmSync(root, { recursive: true }));

const header = 'patientId,x,y,width,height,Target\n';

async function image(id: string, tags: { age?: string; modality?: 'CR' } = {}): Promise<void> {
  const uid = createUid(`test ${id}`);
  const bytes = await writeDicom({
    sopInstanceUid: uid,
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    patientId: id,
    patientSex: 'F',
    patientAge: tags.age ?? '51',
    modality: tags.modality ?? 'CR',
    viewPosition: 'AP',
    width: 40,
    height: 20,
    pixels: new Uint8Array(800),
  });
  writeFileSync(join(root, 'stage_2_train_images', `${id}.dcm`), bytes);
}

function tables(labels: string, classes: string): void {
  writeFileSync(join(root, 'stage_2_train_labels.csv'), header + labels);
  writeFileSync(join(root, 'stage_2_detailed_class_info.csv'), `patientId,class\n${classes}`);
}

const open = (headers = true) => rsnaDataset.open(root, { headers }, {});

test('a positive with two boxes, a negative, an age that cannot be', async () => {
  await image('a');
  await image('b', { age: '155' });
  tables('a,1,2,3,4,1\na,10,2,30,18,1\nb,,,,,0\n', 'a,Lung Opacity\na,Lung Opacity\nb,Normal\n');
  const index = await open();
  expect(index.problems).toEqual([]);
  expect(index.counts).toEqual({
    images: 2,
    patients: 2,
    labels: { 'Lung Opacity': 1, Normal: 1 },
    views: { AP: 2 },
    boxes: 2,
    masks: 0,
    positives: 1,
  });
  expect(index.samples).toEqual([
    {
      dataset: 'rsna',
      id: 'a',
      image: join(root, 'stage_2_train_images/a.dcm'),
      patient: { key: 'rsna:a', sex: 'F', ageYears: 51 },
      view: 'AP',
      attributes: { class: 'Lung Opacity' },
      labels: {
        findings: { Pneumonia: true },
        boxes: [
          { x: 1, y: 2, width: 3, height: 4, finding: 'Pneumonia' },
          { x: 10, y: 2, width: 30, height: 18, finding: 'Pneumonia' },
        ],
      },
    },
    {
      dataset: 'rsna',
      id: 'b',
      image: join(root, 'stage_2_train_images/b.dcm'),
      patient: { key: 'rsna:b', sex: 'F' },
      view: 'AP',
      attributes: { class: 'Normal' },
      labels: { findings: { Pneumonia: false }, boxes: [] },
    },
  ]);
});

test('what is wrong leaves the image out, with file and line', async () => {
  for (const id of ['inside', 'outside', 'twoways', 'class']) await image(id);
  writeFileSync(join(root, 'stage_2_train_images', 'broken.dcm'), 'no DICOM');
  writeFileSync(join(root, 'stage_2_train_images', 'unlisted.dcm'), '');
  tables(
    'inside,0,0,40,20,1\noutside,0,0,41,20,1\ntwoways,,,,,0\ntwoways,1,1,2,2,1\nabsent,,,,,0\nbroken,,,,,0\nclass,,,,,0\n',
    'inside,Lung Opacity\noutside,Lung Opacity\ntwoways,Normal\nabsent,Normal\nbroken,Norma1\nclass,Lung Opacity\nnobody,Normal\n',
  );
  const index = await open();
  expect(index.samples.map((sample) => sample.id)).toEqual(['inside']);
  expect(index.skipped).toEqual({ 'not-in-table': 1 });
  const found = index.problems.map(({ code, file, line }) => [code, file, line]);
  const [labels, classes] = ['stage_2_train_labels.csv', 'stage_2_detailed_class_info.csv'];
  expect(found.sort()).toEqual(
    [
      ['BOX_INVALID', labels, 3],
      ['LABEL_CONTRADICTION', labels, 5],
      ['DATA_MISSING_FILE', labels, 6],
      ['LABEL_UNKNOWN', classes, 6],
      ['LABEL_CONTRADICTION', classes, 7],
      ['ID_UNKNOWN', classes, 8],
      ['DICOM_NOT_DICOM', 'stage_2_train_images/broken.dcm', undefined],
    ].sort(),
  );
  expect(index.problems.find((problem) => problem.file === classes)?.message).toContain('did you mean "Normal"?');
});

test('a repeated row is named and harmless', async () => {
  await image('a');
  await image('b');
  tables('a,1,2,3,4,1\na,1,2,3,4,1\nb,,,,,0\nb,,,,,0\n', 'a,Lung Opacity\nb,Normal\n');
  const index = await open();
  expect(index.problems.map(({ code, line }) => [code, line])).toEqual([
    ['ID_DUPLICATE', 3],
    ['ID_DUPLICATE', 5],
  ]);
  expect(index.samples.map(({ labels }) => labels.boxes?.length)).toEqual([1, 0]);
});

test('a CT in the image folder is no radiograph', async () => {
  const uid = createUid('ct');
  const bytes = await writeDicom({
    sopInstanceUid: uid,
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    modality: 'CR',
    width: 4,
    height: 4,
    pixels: new Uint8Array(16),
  });
  writeFileSync(join(root, 'stage_2_train_images', 'ct.dcm'), bytes);
  tables('ct,,,,,0\n', 'ct,Normal\n');
  expect((await open()).problems).toMatchObject([
    { code: 'DICOM_NOT_A_RADIOGRAPH', file: 'stage_2_train_images/ct.dcm' },
  ]);
});

test('an absent class table costs the classes alone', async () => {
  await image('a');
  writeFileSync(join(root, 'stage_2_train_labels.csv'), `${header}a,,,,,0\n`);
  const index = await open();
  expect(index.samples.length).toBe(1);
  expect(index.problems).toMatchObject([{ code: 'DATA_MISSING_FILE', file: 'stage_2_detailed_class_info.csv' }]);
});

test('another folder is not a root', async () => {
  await expect(open()).rejects.toMatchObject({ code: 'DATA_ROOT_MISSING' });
  await expect(rsnaDataset.open(join(root, 'none'), { headers: true }, {})).rejects.toThrow('does not exist');
});
