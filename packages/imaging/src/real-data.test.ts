import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boxesFromMask, decodeRle, encodeRle, readDicomHeader, readGreyImage, resizeArea } from './index.js';

const root = process.env['MULTICHEXNET_DATA'] ?? join(import.meta.dirname, '../../../../shared/data/dev');
const present = existsSync(join(root, 'siim', 'expected_areas.csv'));
if (!present) process.stdout.write('skipped: real data not found\n');

const size = { width: 1024, height: 1024 };

describe.skipIf(!present)('SIIM masks', () => {
  const rows = new Map<string, string[]>();
  const areas: string[][] = [];
  if (present) {
    for (const [id, text] of linesOf('siim/train-rle.csv')) rows.set(id!, [...(rows.get(id!) ?? []), text!]);
    areas.push(...linesOf('siim/expected_areas.csv'));
  }

  test('areas, centroids and the round trip of every image', () => {
    expect(areas.length).toBeGreaterThan(50);
    for (const [id, pixels, , centroidX, centroidY] of areas) {
      const mask = decodeRle(rows.get(id!)!, { ...size, relative: true });
      let [count, x, y] = [0, 0, 0];
      mask.forEach((value, i) => {
        if (value === 0) return;
        count++;
        x += i % 1024;
        y += Math.floor(i / 1024);
      });
      expect(count, id).toBe(Number(pixels));
      if (count > 0) expect([x / count, y / count]).toEqual([near(Number(centroidX)), near(Number(centroidY))]);
      const again = decodeRle([encodeRle(mask, { ...size, relative: true })], { ...size, relative: true });
      expect(Buffer.compare(again, mask)).toBe(0); // toEqual of a million values takes seconds
      const parts = boxesFromMask(mask, 1024, 1024);
      expect(parts.reduce((sum, part) => sum + part.area, 0)).toBe(count);
    }
  });

  test('the masks given as PNG, every fourth pixel of every fourth row', async () => {
    const folder = join(root, 'siim/expected_masks');
    for (const name of readdirSync(folder)) {
      const expected = await readGreyImage(join(folder, name));
      const mask = decodeRle(rows.get(name.replace('.png', ''))!, { ...size, relative: true });
      expect(
        expected.data.every((value, i) => (value === 255 ? 1 : 0) === mask[Math.floor(i / 256) * 4096 + (i % 256) * 4]),
      ).toBe(true);
    }
  });
});

describe.skipIf(!present)('every real image is read', () => {
  test.each([
    ['rsna', 'dicom', '.dcm', true],
    ['siim', 'dicom', '.dcm', true],
    ['chestxray14', 'png', '.png', false],
    ['covid', undefined, /\.(jpe?g|png)$/i, false],
  ] as const)(
    '%s',
    async (dataset, format, ending, radiographs) => {
      const files = imagesUnder(join(root, dataset)).filter((path) =>
        typeof ending === 'string' ? path.endsWith(ending) : ending.test(path),
      );
      expect(files.length).toBeGreaterThan(50);
      for (const path of files.filter((path) => !path.includes('expected_masks'))) {
        const image = await readGreyImage(path, { chestRadiographOnly: radiographs });
        if (format !== undefined) expect(image.format).toBe(format);
        expect(image.constant, path).toBe(false);
        expect(image.data).toHaveLength(image.width * image.height);
        if (!radiographs) continue;
        expect([image.width, image.height]).toEqual([1024, 1024]);
        const header = await readDicomHeader(path);
        expect(header).toEqual(image.header);
        expect(['PA', 'AP', undefined]).toContain(header.viewPosition);
        if (header.ageYears !== undefined) expect(header.ageYears).toBeGreaterThanOrEqual(0);
      }
    },
    300_000,
  );
});

test.skipIf(!present)('a 1024 x 1024 JPEG in DICOM to 256 x 256 keeps its mean', async () => {
  const [path] = imagesUnder(join(root, 'rsna'));
  const image = await readGreyImage(path!);
  const small = resizeArea(image, 256, 256);
  const mean = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
  expect(Math.abs(mean(small.data) - mean(image.data))).toBeLessThan(0.05);
});

function linesOf(path: string): string[][] {
  const [, ...lines] = readFileSync(join(root, path), 'utf8').trim().split(/\r?\n/);
  return lines.map((line) => line.split(','));
}

function imagesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(dcm|png|jpe?g)$/i.test(name))
    .map((name) => join(folder, name));
}

function near(value: number): unknown {
  return expect.closeTo(value, 1);
}
