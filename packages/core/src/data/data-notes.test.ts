import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { extractNotes, readDataNotes } from './data-notes.js';

const README = `# siim: SIIM-ACR layout, 77 DICOM files

**These are not pneumothorax masks.** Apart from one image they are opacities.

## Caveats
- Licences are mixed
  and partly unknown.
- Labels are noisy.

## Counts
- 31 positives
`;

test('title, bold sentences and caveats, nothing else', () => {
  expect(extractNotes(README)).toEqual([
    'siim: SIIM-ACR layout, 77 DICOM files',
    'These are not pneumothorax masks.',
    'Licences are mixed and partly unknown.',
    'Labels are noisy.',
  ]);
});

test('a root without a README has nothing to say; one with it is read', async () => {
  const root = await mkdtemp(join(tmpdir(), 'notes-'));
  expect(await readDataNotes(root)).toEqual([]);
  await writeFile(join(root, 'README.txt'), 'Generated images.\r\n');
  expect(await readDataNotes(root)).toEqual(['Generated images.']);
  await rm(root, { recursive: true });
});

test('a title that begins with the name of the dataset does not say it twice', async () => {
  const root = await mkdtemp(join(tmpdir(), 'notes-'));
  await writeFile(join(root, 'README.md'), README);
  expect((await readDataNotes(root, 'siim'))[0]).toBe('SIIM-ACR layout, 77 DICOM files');
  expect((await readDataNotes(root, 'siim-1', 'siim'))[0]).toBe('SIIM-ACR layout, 77 DICOM files');
  expect((await readDataNotes(root, 'mine'))[0]).toBe('siim: SIIM-ACR layout, 77 DICOM files');
  await rm(root, { recursive: true });
});
