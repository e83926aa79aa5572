import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { goldenImages } from './golden-files.js';
import { decodeGreyImage, readDicomHeader, readGreyImage } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'imaging-read-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the name does not matter, the signature does', async () => {
  const { bytes, expected } = goldenImages('png').find(({ name }) => name === 'grey 8 bit')!;
  const path = join(folder, 'really-a-png.jpg');
  writeFileSync(path, bytes);
  expect(await readGreyImage(path)).toMatchObject({ format: 'png', data: expected });
});

test.each([
  ['absent.png', undefined, 'FILE_UNREADABLE'],
  ['empty.png', '', 'IMAGE_TYPE'],
  ['empty.dcm', '', 'DICOM_NOT_DICOM'],
  ['text.dcm', 'This is no DICOM file.', 'DICOM_NOT_DICOM'],
  ['text.png', 'This is no PNG file.', 'IMAGE_TYPE'],
])('%s: a code and the path', async (name, content, code) => {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  const reading = readGreyImage(path);
  await expect(reading).rejects.toMatchObject({ name: 'ImagingError', code, path });
  await expect(reading).rejects.toThrow(path);
});

test('a folder and a pipe are no files, and are not waited for', async () => {
  await expect(readGreyImage(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', path: folder });
  if (process.platform === 'win32') return;
  const pipe = join(folder, 'pipe.dcm');
  execFileSync('mkfifo', [pipe]);
  await expect(readDicomHeader(pipe)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', path: pipe });
});

test('a file over the limit is refused before it is read', async () => {
  const path = join(folder, 'large.png');
  writeFileSync(path, new Uint8Array(1000));
  await expect(readGreyImage(path, { limits: { fileBytes: 999 } })).rejects.toMatchObject({ code: 'FILE_LIMIT', path });
});

test('bytes given as a Buffer are neither kept nor changed', async () => {
  for (const { name, bytes, expected } of [...goldenImages('png'), ...goldenImages('dicom')]) {
    if (!/palette 8 bit|8 bit, Explicit|big endian, OB/.test(name)) continue;
    const buffer = Buffer.from(bytes);
    const image = await decodeGreyImage(buffer);
    expect(Buffer.compare(buffer, bytes), name).toBe(0);
    buffer.fill(0);
    const worst = image.data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    expect(worst, name).toBeLessThanOrEqual(1);
  }
});
