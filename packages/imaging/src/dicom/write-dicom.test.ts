import { describe, expect, test } from 'vitest';
import { createUid, decodeGreyImage, readDicomHeader, writeDicom, type DicomToWrite } from '../index.js';

const image: DicomToWrite = {
  sopInstanceUid: createUid('image', 1),
  studyInstanceUid: createUid('study', 1),
  seriesInstanceUid: createUid('series', 1),
  patientId: 'p-0001',
  patientSex: 'M',
  patientAge: '058Y',
  viewPosition: 'AP',
  width: 33,
  height: 21,
  pixels: Uint8Array.from({ length: 33 * 21 }, (_, i) => Math.round(127 + 120 * Math.sin(i / 70))),
};

test('uncompressed: the pixels and tags come back as they were', async () => {
  const bytes = await writeDicom(image);
  const read = await decodeGreyImage(bytes, { chestRadiographOnly: true });
  expect(read.data).toEqual(image.pixels);
  expect(read.header).toMatchObject({
    sopInstanceUid: image.sopInstanceUid,
    studyInstanceUid: image.studyInstanceUid,
    seriesInstanceUid: image.seriesInstanceUid,
    patientId: 'p-0001',
    patientSex: 'M',
    ageYears: 58,
    viewPosition: 'AP',
    modality: 'CR',
    bodyPartExamined: 'CHEST',
    rows: 21,
    columns: 33,
    photometricInterpretation: 'MONOCHROME2',
  });
  expect(bytes).toEqual(await writeDicom(image));
  expect(bytes.subarray(0, 128).every((byte) => byte === 0)).toBe(true);
});

test('JPEG Baseline: close pixels, the same tags', async () => {
  const bytes = await writeDicom({ ...image, encoding: { jpegQuality: 95 } });
  const read = await decodeGreyImage(bytes, { chestRadiographOnly: true });
  expect(read.header?.transferSyntax.uid).toBe('1.2.840.10008.1.2.4.50');
  const difference =
    read.data.reduce((sum, value, i) => sum + Math.abs(value - image.pixels[i]!), 0) / read.data.length;
  expect(difference).toBeLessThan(2);
});

test('MONOCHROME1 is written as given and shows inverted', async () => {
  const read = await decodeGreyImage(await writeDicom({ ...image, photometricInterpretation: 'MONOCHROME1' }));
  expect(read.data).toEqual(image.pixels.map((value) => 255 - value));
});

test('what is left out is absent', async () => {
  const { patientAge: _age, viewPosition: _view, patientId: _id, ...rest } = image;
  const header = await readDicomHeader(await writeDicom(rest));
  expect(header).toMatchObject({ ageYears: undefined, viewPosition: undefined, patientId: undefined });
});

describe('what DICOM does not allow', () => {
  test.each<[string, Partial<DicomToWrite>]>([
    ['a UID with a letter', { sopInstanceUid: '1.2.a' }],
    ['a UID with a leading zero', { sopInstanceUid: '1.02' }],
    ['a UID of 65 characters', { sopInstanceUid: `1.${'2'.repeat(63)}` }],
    ['an age of five characters', { patientAge: '0058Y' }],
    ['a control character', { patientId: 'a\nb' }],
    ['a backslash', { patientId: 'a\\b' }],
    ['pixels of another size', { width: 34 }],
    ['quality 0', { encoding: { jpegQuality: 0 } }],
  ])('%s', async (_, change) => {
    await expect(writeDicom({ ...image, ...change })).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });
});

test('UIDs: a pure function of the keys, valid, told apart by type and order', () => {
  expect(createUid('a', 1)).toBe(createUid('a', 1));
  const uids = [createUid('a', 1), createUid('a', '1'), createUid('a1'), createUid(1, 'a')];
  expect(new Set(uids).size).toBe(4);
  for (const uid of uids) expect(uid).toMatch(/^2\.25\.[1-9]\d{0,38}$/);
});
