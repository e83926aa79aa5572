import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { createUid } from './dicom/create-uid.js';
import { writeDicom } from './dicom/write-dicom.js';
import { encodePngGrey } from './png/encode-png.js';
import { readGreyImage } from './read-grey-image.js';
import { readImageFacts } from './read-image-facts.js';

const folder = mkdtempSync(join(tmpdir(), 'mcx-facts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const pixels = Uint8Array.from({ length: 24 }, (_, i) => i * 10);

test('PNG, JPEG on its side and the wrong name: the size that reading gives', async () => {
  writeFileSync(join(folder, 'a.png'), await encodePngGrey(pixels, 6, 4));
  const turned = sharp({ create: { width: 9, height: 5, channels: 3, background: '#777' } });
  const uid = createUid('facts');
  const film = {
    sopInstanceUid: uid,
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    modality: 'CR',
    patientSex: 'F',
  } as const;
  writeFileSync(join(folder, 'c.png'), await writeDicom({ ...film, pixels, width: 6, height: 4 }));
  writeFileSync(join(folder, 'b.png'), await turned.withMetadata({ orientation: 6 }).jpeg().toBuffer());
  for (const [name, format] of [
    ['a.png', 'png'],
    ['b.png', 'jpeg'],
    ['c.png', 'dicom'],
  ] as const) {
    const facts = await readImageFacts(join(folder, name));
    const { width, height } = await readGreyImage(join(folder, name));
    expect(facts).toMatchObject({ format, width, height });
    expect(facts.header?.patientSex).toBe(format === 'dicom' ? 'F' : undefined);
  }
});

test('what is no image, cut short or not there', async () => {
  const code = (name: string, bytes?: Uint8Array): Promise<unknown> => {
    if (bytes !== undefined) writeFileSync(join(folder, name), bytes);
    return readImageFacts(join(folder, name)).then(
      () => 'read',
      (error: { code: string }) => error.code,
    );
  };
  expect(await code('absent.png')).toBe('FILE_UNREADABLE');
  expect(await code('empty.png', new Uint8Array())).toBe('IMAGE_TYPE');
  expect(await code('cut.png', (await encodePngGrey(pixels, 6, 4)).subarray(0, 14))).toBe('IMAGE_CORRUPT');
});
