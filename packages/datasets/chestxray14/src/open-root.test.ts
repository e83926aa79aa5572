import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodePngGrey } from '@multichexnet/imaging';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLocalisations } from './localise.js';
import { chestXray14Dataset } from './plugin.js';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'mcx-nih-'))));
afterEach(() => rmSync(root, { recursive: true }));

const header =
  'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]';
const row = (image: string, labels: string, patient: number | string, rest = '58,M,PA') =>
  `${image},${labels},0,${patient},${rest},2500,2048,0.1,0.1`;

function write(path: string, content: string | Uint8Array = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
const table = (...rows: string[]) => write('Data_Entry_2017_v2020.csv', [header, ...rows, ''].join('\n'));
const open = () => chestXray14Dataset.open(root, {}, {});
const problemsOf = (index: Awaited<ReturnType<typeof open>>) =>
  index.problems.map(({ code, file, line }) => `${code} ${file} ${line ?? ''}`.trim());

test('all 14 findings are known', async () => {
  write('images/00000001_000.png');
  write('images/00000002_000.png');
  table(row('00000001_000.png', 'Mass|Effusion', 1), row('00000002_000.png', 'No Finding', 2, '412,F,AP'));
  const index = await open();
  expect(index.problems).toEqual([]);
  expect(index.counts).toEqual({
    images: 2,
    patients: 2,
    labels: { Effusion: 1, Mass: 1, 'No Finding': 1 },
    views: { AP: 1, PA: 1 },
    boxes: 0,
    masks: 0,
    positives: 0,
  });
  const [first, second] = index.samples;
  expect(Object.entries(first?.labels.findings ?? {}).filter(([, there]) => there)).toEqual([
    ['Effusion', true],
    ['Mass', true],
  ]);
  expect(Object.values(second?.labels.findings ?? {})).toEqual(new Array(14).fill(false));
  expect(first).toMatchObject({
    image: join(root, 'images/00000001_000.png'),
    patient: { key: 'chestxray14:1', sex: 'M', ageYears: 58 },
    view: 'PA',
  });
  expect(second?.patient).toEqual({ key: 'chestxray14:2', sex: 'F' });
  expect(first).not.toHaveProperty('officialSplit');
});

test('the 2017 release, in the twelve folders of the download', async () => {
  write('images_001/images/00000001_000.png');
  write('images_012/00000001_001.png');
  write('images_013/images/00000009_000.png');
  write('images_1024/00000001_000.png');
  write(
    'Data_Entry_2017.csv',
    `${header},\r\n00000001_000.png,Cardiomegaly,000,00001,058Y,M,PA,2682,2749,0.143,0.143,\r\n` +
      '00000001_001.png,Hernia,001,00001,006M,M,PA,2682,2749,0.143,0.143,\r\n',
  );
  const index = await open();
  expect(index.problems).toEqual([]);
  expect(index.skipped).toEqual({});
  expect(index.samples.map(({ image, patient }) => [image, patient])).toEqual([
    [join(root, 'images_001/images/00000001_000.png'), { key: 'chestxray14:1', sex: 'M', ageYears: 58 }],
    [join(root, 'images_012/00000001_001.png'), { key: 'chestxray14:1', sex: 'M', ageYears: 0.5 }],
  ]);
});

test('what is wrong is placed; a wrong label leaves the image out', async () => {
  for (const n of [1, 2, 3, 4, 5, 7]) write(`images/0000000${n}_000.png`);
  write('images_002/00000001_000.png');
  table(
    row('00000001_000.png', 'Mass', 1, 'old,X,LL'),
    row('00000002_000.png', 'No Finding|Mass', 2),
    row('00000003_000.png', 'constructor', 3),
    row('00000004_000.png', 'Mass', 'four'),
    row('00000005_000.png', 'Mass', 5),
    row('00000005_000.png', 'Nodule', 5),
    row('00000006_000.png', 'Mass', 6),
  );
  const index = await open();
  expect(index.samples.map((sample) => sample.id)).toEqual(['00000001_000.png']);
  expect(index.samples[0]?.patient).toEqual({ key: 'chestxray14:1' });
  expect(index.skipped).toEqual({ 'not-in-table': 1 });
  const file = 'Data_Entry_2017_v2020.csv';
  expect(problemsOf(index).sort()).toEqual(
    [
      ...['age', 'sex', 'view'].map(() => `CSV_ROW ${file} 2`),
      `LABEL_CONTRADICTION ${file} 3`,
      `LABEL_UNKNOWN ${file} 4`,
      `CSV_ROW ${file} 5`,
      `LABEL_CONTRADICTION ${file} 7`,
      `DATA_MISSING_FILE ${file} 8`,
      'ID_DUPLICATE images_002/00000001_000.png',
    ].sort(),
  );
});

test('official lists: sides, leaks, unlisted images', async () => {
  for (const n of [1, 2, 3, 4]) write(`images/0000000${n}_000.png`);
  write('images/00000002_001.png');
  table(...[1, 2, 3, 4].map((n) => row(`0000000${n}_000.png`, 'Mass', n)), row('00000002_001.png', 'Mass', 2));
  write('train_val_list.txt', '00000001_000.png\r\n00000002_000.png\r\n00000003_000.png\r\n\r\n');
  write('test_list.txt', '00000003_000.png\n00000002_001.png\n99999999_000.png\n../x\n');
  const index = await open();
  expect(index.samples.map(({ officialSplit }) => officialSplit)).toEqual([
    'train',
    'train',
    'test',
    undefined,
    'test',
  ]);
  expect(problemsOf(index).sort()).toEqual([
    'DATA_PATH test_list.txt 4',
    'SPLIT_LEAK test_list.txt 1',
    'SPLIT_LEAK test_list.txt 2',
    'SPLIT_LEAK train_val_list.txt 2',
    'SPLIT_LEAK train_val_list.txt 3',
    'SPLIT_UNLISTED Data_Entry_2017_v2020.csv 5',
  ]);
});

test('one list without the other', async () => {
  write('images/00000001_000.png');
  table(row('00000001_000.png', 'Mass', 1));
  write('train_val_list.txt', '00000001_000.png\n');
  expect(problemsOf(await open())).toEqual(['DATA_MISSING_FILE test_list.txt']);
});

test('boxes are counted and checked, scaled to the stored size, and no detection labels', async () => {
  write('images/00000001_000.png', await encodePngGrey(new Uint8Array(64 * 128), 64, 128));
  table(row('00000001_000.png', 'Infiltration', 1));
  const boxes = [
    '00000001_000.png,Infiltrate,0,512,1024,512',
    '00000001_000.png,Mass,1000,0,100,10',
    '00000002_000.png,Mass,1,1,1,1',
  ];
  write('BBox_List_2017.csv', ['Image Index,Finding Label,Bbox [x,y,w,h],,,', ...boxes, ''].join('\n'));
  const index = await open();
  expect(problemsOf(index)).toEqual(['BOX_INVALID BBox_List_2017.csv 3', 'ID_UNKNOWN BBox_List_2017.csv 4']);
  expect([index.counts.boxes, index.counts.positives]).toEqual([1, 1]);
  expect(index.samples[0]?.labels).not.toHaveProperty('boxes');
  const { boxes: scaled } = await readLocalisations(root);
  expect([...scaled]).toEqual([
    ['00000001_000.png', [{ x: 0, y: 64, width: 64, height: 64, finding: 'Infiltration' }]],
  ]);
});

test('another folder is not a root', async () => {
  await expect(open()).rejects.toMatchObject({ code: 'DATA_ROOT_MISSING' });
});
