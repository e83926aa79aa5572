import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { decodeRle, readDicomHeader, readGreyImage } from '@multichexnet/imaging';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawFilm } from './draw-film.js';
import { planCohort } from './plan-cohort.js';
import { writePhantom, type PhantomReport } from './write-phantom.js';

const SIZE = 64;
const IMAGES = 60;
const counts = { chestxray14: IMAGES, rsna: IMAGES, siim: IMAGES, covid: IMAGES };
let folder: string;
let report: PhantomReport;
const progress: { done: number; total: number; dataset: string }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'phantom-'));
  report = await writePhantom({
    out: join(folder, 'a'),
    images: IMAGES,
    size: SIZE,
    seed: 3,
    onProgress: (step) => progress.push(step),
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const table = async (name: string): Promise<string[]> =>
  (await readFile(join(report.out, name), 'utf8')).trimEnd().split('\n');

/** SHA-256 of every file under `root` by relative path. */
async function digests(root: string): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    result[relative(root, path)] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  }
  return result;
}

test('the same seed writes the same bytes, another seed others', async () => {
  await writePhantom({ out: join(folder, 'b'), images: IMAGES, size: SIZE, seed: 3 });
  const first = await digests(join(folder, 'a'));
  expect(await digests(join(folder, 'b'))).toEqual(first);
  await writePhantom({ out: join(folder, 'c'), images: 10, size: 32, seed: 4 });
  expect((await digests(join(folder, 'c')))['patient_map.csv']).not.toBe(first['patient_map.csv']);
});

test('progress counts every image file up to the total', () => {
  expect(progress.map((step) => step.done)).toEqual(progress.map((_, i) => i + 1));
  expect(progress.at(-1)?.done).toBe(progress.at(-1)?.total);
  expect(Object.values(report.datasets).reduce((sum, { images }) => sum + images, 0)).toBe(progress.length);
});

test('chestxray14: eleven columns under a ragged header, lists by patient, a few RGBA files', async () => {
  const [header, ...rows] = await table('chestxray14/Data_Entry_2017_v2020.csv');
  expect(header).toContain('OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]');
  expect(rows).toHaveLength(IMAGES);
  for (const row of rows)
    expect(row).toMatch(/^\d{8}_\d{3}\.png,[A-Za-z_| ]+,\d+,\d+,\d+,[FM],(PA|AP),\d+,\d+,0\.\d+,0\.\d+$/);
  const [boxHeader, ...boxes] = await table('chestxray14/BBox_List_2017.csv');
  expect(boxHeader).toBe('Image Index,Finding Label,Bbox [x,y,w,h],,,');
  expect(boxes.length).toBe(report.datasets.chestxray14.boxes);
  for (const row of boxes) {
    const [x = NaN, y = NaN, w = NaN, h = NaN] = row.split(',').slice(2).map(Number);
    expect(Math.min(x, y) >= 0 && w > 0 && h > 0 && x + w <= 1024 && y + h <= 1024).toBe(true);
  }
  const train = await table('chestxray14/train_val_list.txt');
  const held = await table('chestxray14/test_list.txt');
  expect([...train, ...held].sort()).toEqual(rows.map((row) => row.split(',')[0]).sort());
  const patients = new Set(train.map((name) => name.slice(0, 8)));
  expect(held.some((name) => patients.has(name.slice(0, 8)))).toBe(false);
  expect(held.length).toBeGreaterThan(0.15 * IMAGES);
});

test('rsna: one row a box, classes beside it, ages without a Y', async () => {
  const [header, ...rows] = await table('rsna/stage_2_train_labels.csv');
  expect(header).toBe('patientId,x,y,width,height,Target');
  const classes = (await table('rsna/stage_2_detailed_class_info.csv')).slice(1);
  expect(classes.map((row) => row.split(',')[0])).toEqual(rows.map((row) => row.split(',')[0]));
  const ids = [...new Set(rows.map((row) => row.slice(0, 36)))];
  expect(ids).toHaveLength(IMAGES);
  for (const [i, row] of rows.entries()) {
    const [x = '', y = '', width = '', height = '', target] = row.split(',').slice(1);
    expect(target === '1').toBe(classes[i]?.endsWith(',Lung Opacity'));
    if (target === '0') expect([x, y, width, height]).toEqual(['', '', '', '']);
    else expect(Math.max(Number(x) + Number(width), Number(y) + Number(height))).toBeLessThanOrEqual(SIZE);
  }
  const syntaxes = new Set<string>();
  const polarity = new Set<string>();
  for (const id of ids) {
    const bytes = await readFile(join(report.out, `rsna/stage_2_train_images/${id}.dcm`));
    const text = bytes.subarray(0, 1200).toString('latin1');
    expect(text).toMatch(/AS[^\d]{2}\d\d[^\dY]/);
    syntaxes.add(text.includes('1.2.840.10008.1.2.4.50') ? 'jpeg' : 'explicit');
    polarity.add(text.includes('MONOCHROME1') ? 'MONOCHROME1' : 'MONOCHROME2');
  }
  expect([...syntaxes].sort()).toEqual(['explicit', 'jpeg']);
  expect([...polarity].sort()).toEqual(['MONOCHROME1', 'MONOCHROME2']);
});

test('siim: leading spaces, several rows for some, and masks that come back pixel for pixel', async () => {
  const [header, ...rows] = await table('siim/train-rle.csv');
  expect(header).toBe('ImageId, EncodedPixels');
  const rle = new Map<string, string[]>();
  for (const row of rows) {
    expect(row).toMatch(/^[\d.]+, (-1|\d+( \d+)*)$/);
    const [id = '', text = ''] = row.split(', ');
    rle.set(id, [...(rle.get(id) ?? []), text]);
  }
  expect(rle.size).toBe(IMAGES);
  expect([...rle.values()].some((texts) => texts.length > 1)).toBe(true);
  expect(rows.filter((row) => !row.endsWith(' -1'))).toHaveLength(report.datasets.siim.masks);

  const files = new Map<string, string>();
  for (const name of await readdir(join(report.out, 'siim'), { recursive: true })) {
    const id = /^dicom-images-train\/[\d.]+\/[\d.]+\/([\d.]+)\.dcm$/.exec(name)?.[1];
    if (id !== undefined) files.set(id, join(report.out, 'siim', name));
  }
  const map = (await table('patient_map.csv')).filter((row) => row.startsWith('siim,'));
  const films = planCohort(3, counts).films.siim;
  for (const [i, film] of films.entries()) {
    const id = map[i]?.split(',')[1] ?? '';
    const { mask, pixels } = drawFilm(film, SIZE);
    const decoded = decodeRle(rle.get(id) ?? [], { width: SIZE, height: SIZE, relative: true });
    expect(Array.from(decoded, Number)).toEqual(Array.from(mask));
    if (i % 7 !== 0 && i !== 18) continue;
    // Also where the file is stored inverted (every 19th), and but for what JPEG loses.
    const read = await readGreyImage(files.get(id) ?? '');
    const loss = pixels.reduce((sum, value, k) => sum + Math.abs(value - (read.data[k] ?? 0)), 0) / pixels.length;
    expect(loss).toBeLessThan(2.5);
  }
  const header18 = await readDicomHeader(files.get(map[18]?.split(',')[1] ?? '') ?? '');
  expect(JSON.stringify(header18)).toContain('MONOCHROME1');
});

test('covid: thirty columns, mixed formats, rows to be left out', async () => {
  const [header = '', ...rows] = await table('covid/metadata.csv');
  expect(header.split(',')).toHaveLength(30);
  expect(header.endsWith(',other_notes,')).toBe(true);
  const kind = (pattern: RegExp): number => rows.filter((row) => pattern.test(row)).length;
  expect(kind(/,(PA|AP|AP Supine),X-ray,/)).toBe(IMAGES);
  expect(kind(/,L,X-ray,/)).toBeGreaterThan(0);
  expect(kind(/,Axial,CT,.*,images,/)).toBeGreaterThan(0);
  expect(kind(/,CT,.*,volumes,[^,]+\.nii\.gz,/)).toBeGreaterThan(0);
  expect(kind(/Pneumonia\/Viral\/COVID-19/)).toBeGreaterThan(10);
  const images = await readdir(join(report.out, 'covid/images'));
  expect(new Set(images.map((name) => name.split('.').at(-1)))).toEqual(new Set(['jpg', 'jpeg', 'png']));
  expect(images).toHaveLength(report.datasets.covid.images);
  for (const name of images.slice(0, 12)) {
    const { width, height } = await readGreyImage(join(report.out, 'covid/images', name));
    expect([width, height]).toEqual([SIZE, SIZE]);
  }
});

test('the patient map names every image; some persons are in several sets, the lists agree with it', async () => {
  const [header, ...rows] = await table('patient_map.csv');
  expect(header).toBe('dataset,image,patient');
  const sets = new Map<string, Set<string>>();
  for (const row of rows) {
    const [dataset = '', image = '', patient = ''] = row.split(',');
    sets.set(patient, (sets.get(patient) ?? new Set()).add(dataset));
    if (dataset === 'chestxray14') expect(patient).toBe(`phantom:${Number(image.slice(0, 8))}`);
  }
  expect(sets.size).toBe(report.patients);
  const shared = [...sets.values()].filter((names) => names.size > 1);
  expect(shared.length).toBeGreaterThan(5);
  expect(shared.every((names) => names.has('chestxray14') && !names.has('covid'))).toBe(true);
  expect(await readFile(join(report.out, 'README.txt'), 'utf8')).toContain('no patients');
  for (const { root } of Object.values(report.datasets))
    expect(await readFile(join(root, 'README.md'), 'utf8')).toContain('nothing else');
});

test('what is there already is kept unless it shall be replaced; leavings of a broken run are cleared', async () => {
  const out = join(folder, 'a');
  await expect(writePhantom({ out, images: 10, size: 32 })).rejects.toMatchObject({ code: 'PHANTOM_EXISTS' });
  const fresh = join(folder, 'd');
  await mkdir(join(fresh, 'rsna.partial'), { recursive: true });
  await writeFile(join(fresh, 'rsna.partial/torn.dcm'), 'x');
  await writePhantom({ out: fresh, images: 10, size: 32 });
  const again = await writePhantom({ out: fresh, images: 12, size: 32, overwrite: true });
  expect(again.datasets.rsna.images).toBe(12);
  expect((await readdir(fresh)).sort()).toEqual([
    'README.txt',
    'chestxray14',
    'covid',
    'patient_map.csv',
    'rsna',
    'siim',
  ]);
});

test.each([{ images: 9 }, { images: 10.5 }, { size: 31 }, { size: 5000 }, { seed: -1 }, { seed: Number.NaN }])(
  'options out of range are refused before anything is written: %o',
  async (options) => {
    const out = join(folder, 'never');
    await expect(writePhantom({ out, ...options })).rejects.toMatchObject({ code: 'PHANTOM_OPTIONS' });
    await expect(readdir(out)).rejects.toThrow();
  },
);
