import { createUid, encodePngGrey, writeDicom } from '@multichexnet/imaging';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseCommandLine } from '../arguments/parse-arguments.js';
import type { CommandContext, CommandResult } from '../command.js';
import { commands } from '../command-list.js';
import { createStyle } from '../output/style.js';
import { run } from './data-decode.js';

const pixels = Uint8Array.of(0, 50, 100, 150, 200, 250);
let folder = '';
let film = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-decode-'));
  film = join(folder, 'film.dcm');
  const uid = createUid('data-decode');
  const uids = { sopInstanceUid: uid, studyInstanceUid: uid, seriesInstanceUid: uid };
  const photometricInterpretation = 'MONOCHROME1';
  await writeFile(film, await writeDicom({ ...uids, photometricInterpretation, width: 3, height: 2, pixels }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function decode(...words: string[]): Promise<CommandResult> {
  const { args } = await parseCommandLine(['data', 'decode', ...words], commands, () => Promise.resolve(''));
  return run({ args } as CommandContext);
}

test('display values, and the tags that made them', async () => {
  const { document, text } = await decode(film);
  expect(document).toMatchObject({
    format: 'dicom',
    stage: 'display',
    shape: [2, 3],
    dtype: 'uint8',
    range: [0, 255],
    min: 5,
    max: 255,
    mean: 130,
    tags: { photometricInterpretation: 'MONOCHROME1', modality: { slope: 1, intercept: 0 }, voi: null, padding: null },
  });
  expect(text(createStyle({}, {}))).toMatch(/^stage +display\npixels +2 x 3 uint8\n/);
});

test('stored values written for NumPy: a header of 128 bytes, then the values', async () => {
  const out = join(folder, 'new/pixels.npy');
  expect((await decode(film, '--stage', 'stored', '--out', out)).document).toMatchObject({ min: 0, max: 250, out });
  const written = await readFile(out);
  expect(written.subarray(10, 127).toString('latin1').trim()).toBe(
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }",
  );
  expect(new Uint8Array(written.subarray(128))).toEqual(pixels);
});

test('burned-in borders are left out, and the document says what is left', async () => {
  const width = 12;
  const framed = Uint8Array.from({ length: 120 }, (_, i) => (i % width < 2 || i >= 96 ? 0 : 100 + (i % 50)));
  const png = join(folder, 'framed.png');
  await writeFile(png, await encodePngGrey(framed, width, 10));
  const { document, text } = await decode(png, '--crop-borders');
  expect(document).toMatchObject({ shape: [8, 10], min: 100, crop: { x: 2, y: 0, width: 10, height: 8 } });
  expect(text(createStyle({}, {}))).toMatch(/crop +10 x 8 from 2, 0/);
  await expect(decode(film, '--crop-borders', '--stage', 'stored')).rejects.toMatchObject({ code: 'CLI_OPTION_VALUE' });
});

test('a PNG has display values and no others; a stage that is none is named', async () => {
  const png = join(folder, 'film.png');
  await writeFile(png, await encodePngGrey(pixels, 3, 2));
  expect((await decode(png)).document).toMatchObject({ format: 'png', shape: [2, 3], min: 0, max: 250 });
  await expect(decode(png, '--stage', 'modality')).rejects.toMatchObject({ code: 'DICOM_NOT_DICOM', path: png });
  await expect(decode(film, '--stage', 'raw')).rejects.toMatchObject({ code: 'CLI_OPTION_VALUE' });
  await expect(decode(film, '--out', film + '/x.npy')).rejects.toMatchObject({ code: 'CLI_OUT_NOT_WRITABLE' });
});
