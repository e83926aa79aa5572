import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from '@multichexnet/core';
import { decodeRle } from '@multichexnet/imaging';
import { afterEach, expect, test } from 'vitest';
import { csvDataset, csvOptions } from './index.js';
import { mask, png, writeRoot } from './toy-root.js';

let root = '';
afterEach(() => rmSync(root, { recursive: true }));

/** Opens a root with films a.png to f.png. */
async function open(table: string, options: object = {}, more: Record<string, Uint8Array> = {}) {
  const films = ['a', 'b', 'c', 'd', 'e', 'f'].map(async (name, i) => [`${name}.png`, await png(i)] as const);
  root = await writeRoot({ ...Object.fromEntries(await Promise.all(films)), ...more, 'labels.csv': table });
  const { value, problems } = validate<never>(csvOptions, options, { path: '', owner: 'csv' });
  expect(problems).toEqual([]);
  return csvDataset.open(root, value, {});
}
const places = (index: Awaited<ReturnType<typeof open>>): string[] =>
  index.problems.map(({ code, line }) => `${line ?? ''} ${code}`);

test('a list of findings: the others that occur are known not to be there; a blank list says nothing', async () => {
  const index = await open('image,label\na.png,Mass|pleural effusion\nb.png,No Finding\nc.png,\n./d.png,mass\n');
  expect(index.problems).toEqual([]);
  expect(index.vocabulary).toEqual(['Effusion', 'Mass']);
  expect(index.samples.map(({ labels }) => labels.findings)).toEqual([
    { Effusion: true, Mass: true },
    { Effusion: false, Mass: false },
    {},
    { Effusion: false, Mass: true },
  ]);
  expect(index.counts.labels).toEqual({ Mass: 1, 'No Finding': 1, mass: 1, 'pleural effusion': 1 });
  expect(index.skipped).toEqual({ 'not-in-table': 2 });
  const open2 = await csvDataset.open(root, { ...defaults(), absent: 'unknown', harmonise: false }, {});
  expect(open2.samples.map(({ labels }) => labels.findings)).toEqual([
    { Mass: true, 'pleural effusion': true },
    {},
    {},
    { mass: true },
  ]);
});

function defaults() {
  return validate<Parameters<typeof csvDataset.open>[1]>(csvOptions, {}, { path: '', owner: 'csv' }).value;
}

test('a column a finding, as CheXpert has it: blank and -1 are unknown', async () => {
  const index = await open(
    'Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Pleural Effusion,Lung Opacity\n' +
      'a.png,Female,68,Frontal,AP,,1.0,-1.0\nb.png,Male,35,Frontal,PA,1.0,0.0,\nc.png,Unknown,0,Lateral,,,,2\n',
    {
      columns: { image: 'Path', sex: 'Sex', age: 'Age', view: 'AP/PA' },
      findings: ['No Finding', 'Pleural Effusion', 'Lung Opacity'],
      attributes: ['Frontal/Lateral'],
    },
  );
  expect(places(index)).toEqual(['4 LABEL_UNKNOWN']);
  expect(index.samples.map(({ labels }) => labels.findings)).toEqual([{ Effusion: true }, { Effusion: false }]);
  expect(index.samples[0]).toMatchObject({
    patient: { key: 'csv:a.png', sex: 'F', ageYears: 68 },
    view: 'AP',
    attributes: { 'Frontal/Lateral': 'Frontal' },
  });
});

test('a row a box, a PNG mask, patients and splits', async () => {
  const index = await open(
    'image,patient,split,label,x,y,width,height,mask\n' +
      'a.png,1,Train,Mass,1,2,3,4,m/a.png\na.png,1,Train,Mass,5.5,2,3,4,m/a.png\nb.png,1,train,,,,,,m/b.png\nc.png,2,test,,,,,,\nd.png,3,valid,,,,,,\n',
    { maskFinding: 'Pneumothorax' },
    { 'm/a.png': await mask(true), 'm/b.png': await mask(false) },
  );
  expect(index.problems).toEqual([]);
  const [a, b, c, d] = index.samples;
  expect(a?.labels).toMatchObject({
    findings: { Mass: true, Pneumothorax: true },
    boxes: [
      { x: 1, y: 2, width: 3, height: 4, finding: 'Mass' },
      { x: 5.5, y: 2, width: 3, height: 4, finding: 'Mass' },
    ],
  });
  const pixels = decodeRle(a?.labels.mask?.rle ?? [], { width: 40, height: 30, relative: true, order: 'column' });
  expect(pixels.reduce((sum, value) => sum + value, 0)).toBe(70);
  expect([pixels[5 * 40 + 3], pixels[14 * 40 + 9], pixels[15 * 40 + 9], pixels[5 * 40 + 2]]).toEqual([1, 1, 0, 0]);
  expect([b?.labels, c?.labels.mask]).toEqual([
    { findings: { Pneumothorax: false }, boxes: [], mask: { width: 40, height: 30, rle: [] } },
    { width: 40, height: 30, rle: [] },
  ]);
  expect([a, b, c, d].map((sample) => [sample?.patient.key, sample?.officialSplit])).toEqual([
    ['csv:1', 'train'],
    ['csv:1', 'train'],
    ['csv:2', 'test'],
    ['csv:3', 'validation'],
  ]);
  expect(index.counts).toMatchObject({ images: 4, patients: 3, boxes: 2, masks: 1, positives: 1 });
});

test('everything that is wrong, with its line; the image is left out where it must be', async () => {
  const index = await open(
    [
      'image,patient,split,sex,age,label,x,y,width,height,mask',
      '../a.png,1,,,,,,,,,', // 2 no path below the root
      '/etc/passwd,1,,,,,,,,,', // 3
      'a.png,,,,,,,,,,', // 4 no patient
      'b.png,2,tset,,,,,,,,', // 5 no split
      'c.png,3,,x,old,Mass,1,1,0,4,', // 6 sex and age (kept), box (out)
      'd.png,4,,,,Mass,30,2,20,5,', // 7 outside
      'e.png,5,,,,Mass|No Finding,,,,,', // 8
      'f.png,6,,,,Mass,,,,,gone.png', // 9
      'f.png,7,,,,Mass,,,,,gone.png', // 10 another patient
      'gone.png,8,,,,,,,,,', // 11
      'text.png,9,,,,,1,1,2,2,', // no image, as a box needs its size
      '',
    ].join('\n'),
    {},
    { 'text.png': Buffer.from('no image at all') },
  );
  expect(places(index).sort()).toEqual(
    [
      '2 DATA_PATH',
      '3 DATA_PATH',
      '4 CSV_ROW',
      '5 CSV_ROW',
      '6 CSV_ROW',
      '6 CSV_ROW',
      '6 BOX_INVALID',
      '7 BOX_INVALID',
      '8 LABEL_CONTRADICTION',
      '10 LABEL_CONTRADICTION',
      '11 DATA_MISSING_FILE',
      ' FILE_UNREADABLE', // the mask of line 9
      ' IMAGE_TYPE',
    ].sort(),
  );
  expect(index.samples).toEqual([]);
});

test('a header is read where boxes, masks or DICOM need it; what is wrong with other files, decoding finds', async () => {
  const index = await open(
    'image,label\na.png,Mass\ntext.png,Mass\n',
    {},
    { 'text.png': Buffer.from('no image at all') },
  );
  expect(index.problems).toEqual([]);
  expect(index.samples.length).toBe(2);
});

test('masks of another size, with a third value or of another format are no masks', async () => {
  const { encodePngGrey } = await import('@multichexnet/imaging');
  const index = await open(
    'image,mask\na.png,small.png\nb.png,grey.png\nc.png,ones.png\n',
    {},
    {
      'small.png': await encodePngGrey(new Uint8Array(100), 10, 10),
      'grey.png': await png(3),
      'ones.png': await encodePngGrey(
        Uint8Array.from({ length: 1200 }, (_, i) => (i < 40 ? 1 : 0)),
        40,
        30,
      ),
    },
  );
  expect(index.problems.map(({ code, file }) => [code, file])).toEqual([
    ['MASK_INVALID', 'small.png'],
    ['MASK_INVALID', 'grey.png'],
  ]);
  expect(index.samples.map(({ id, labels }) => [id, labels.mask?.rle.length])).toEqual([['c.png', 1]]);
});

test('without the image column the header is at fault', async () => {
  const index = await open('file,label\na.png,Mass\n');
  expect(places(index)).toEqual(['1 CSV_HEADER']);
  writeFileSync(join(root, 'labels.csv'), 'image,finding\na.png,1\n');
  const other = await csvDataset.open(root, { ...defaults(), findings: ['Finding'] }, {});
  expect(other.problems[0]?.message).toContain('did you mean "finding"?');
});
