import type { Sample } from '@multichexnet/core';
import { encodePngGrey, encodeRle } from '@multichexnet/imaging';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawContactSheet, type ContactSheet } from './contact-sheet.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcx-sheet-'));
  await writeFile(join(folder, 'film.png'), await encodePngGrey(new Uint8Array(100 * 50).fill(90), 100, 50));
  await writeFile(join(folder, 'broken.png'), 'no image');
});
afterAll(() => rm(folder, { recursive: true }));

const sample = (id: string, labels: Sample['labels'], image = 'film.png'): Sample => ({
  dataset: 'toy',
  id,
  image: join(folder, image),
  patient: { key: id, sex: 'F', ageYears: 41.6 },
  view: 'PA',
  labels,
});
const layout = { size: 128, columns: 4, seed: 1 };

async function pixel(sheet: ContactSheet, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(sheet.png).raw().toBuffer({ resolveWithObject: true });
  return [...data.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3)];
}

test('boxes and masks stand where they are in the film, captions say what is known', async () => {
  const inside = Uint8Array.from({ length: 5000 }, (_, i) => (i % 100 >= 60 && i >= 2500 ? 1 : 0));
  const rle = encodeRle(inside, { width: 100, height: 50, relative: true, order: 'column' });
  const both = sample('a<b', {
    findings: { Mass: true, Edema: false },
    boxes: [{ x: 10, y: 10, width: 30, height: 20 }],
    mask: { width: 100, height: 50, rle: [rle] },
  });
  const sheet = await drawContactSheet([both], { ...layout, count: 9 });
  expect(sheet.cells).toEqual([{ id: 'a<b', file: both.image, caption: ['Mass (1 box)', 'PA · F · 42 y', 'a<b'] }]);
  // 100 x 50 is drawn as 128 x 64, 8 + 32 from the top and 8 from the left.
  const at = (x: number, y: number): Promise<number[]> =>
    pixel(sheet, 8 + Math.round(x * 1.28), 40 + Math.round(y * 1.28));
  expect(await at(25, 20)).toEqual([90, 90, 90]);
  const [red = 0, , blue = 0] = await at(10, 20);
  expect(red - blue).toBeGreaterThan(100);
  const [r = 0, g = 0, b = 0] = await at(80, 40);
  expect(r < g && g < b).toBe(true);
  expect(await at(80, 15)).toEqual([90, 90, 90]);
});

test('half are positive where there are, the same ones for a seed; a broken file is a cell that says so', async () => {
  const samples = Array.from({ length: 40 }, (_, i) => sample(`s${i}`, { findings: { Mass: i < 5 } }));
  const ids = async (seed: number, count: number): Promise<string[]> =>
    (await drawContactSheet(samples, { ...layout, seed, count })).cells.map(({ id }) => id);
  const chosen = await ids(1, 8);
  expect(chosen.filter((id) => Number(id.slice(1)) < 5).length).toBe(4);
  expect(await ids(1, 8)).toEqual(chosen);
  expect(await ids(2, 8)).not.toEqual(chosen);
  expect(new Set(await ids(1, 60)).size).toBe(40);
  const { cells, png } = await drawContactSheet([sample('x', { findings: {} }, 'broken.png')], { ...layout, count: 3 });
  expect(cells).toMatchObject([
    { caption: ['unknown', 'PA · F · 42 y', 'x'], error: expect.stringContaining('IMAGE_TYPE') as string },
  ]);
  expect((await sharp(png).metadata()).format).toBe('png');
});
