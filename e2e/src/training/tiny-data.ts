import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineDataset, type Labels, type Sample } from '@multichexnet/core';
import { createRandom, encodePngGrey, encodeRle } from '@multichexnet/imaging';

/** Pixels per side of every image. */
export const SIDE = 16;

interface Row {
  readonly id: string;
  readonly patient: string;
  readonly labels: Labels;
}

export interface TinyData {
  readonly images: number;
  /** Images of one patient. */
  readonly perPatient?: number;
  readonly seed?: number;
  /** Changes what an image's labels say; by default everything is known: A = a bright square, B = it lies on the left, and the square's mask. */
  readonly labels?: (labels: Labels, index: number) => Labels;
}

/** Draws noise with a bright square in half of the images, and writes the PNG files with their table. */
export async function writeTinyData(
  root: string,
  { images, perPatient = 1, seed = 1, labels }: TinyData,
): Promise<void> {
  await mkdir(root, { recursive: true });
  const rows: Row[] = [];
  for (let i = 0; i < images; i++) {
    const random = createRandom(seed, 'tiny', i);
    const positive = random.uniform() < 0.5;
    const [x, y] = [random.int(SIDE - 5), random.int(SIDE - 5)];
    const mask = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
      const [column, row] = [at % SIDE, Math.floor(at / SIDE)];
      return positive && column >= x && column < x + 5 && row >= y && row < y + 5 ? 1 : 0;
    });
    const pixels = mask.map((inside) => Math.round(random.uniform(20, 90) + inside * 140));
    await writeFile(join(root, `${i}.png`), await encodePngGrey(pixels, SIDE, SIDE));
    const rle = positive ? [encodeRle(mask, { width: SIDE, height: SIDE, relative: true, order: 'column' })] : [];
    const known: Labels = {
      findings: { A: positive, B: positive && x < 6 },
      mask: { width: SIDE, height: SIDE, rle },
    };
    rows.push({ id: `${i}`, patient: `${seed}:${Math.floor(i / perPatient)}`, labels: labels?.(known, i) ?? known });
  }
  await writeFile(join(root, 'table.json'), JSON.stringify(rows));
}

/** Reads what {@link writeTinyData} wrote. */
export const tinyDataset = defineDataset({
  kind: 'tiny',
  apiVersion: 1,
  options: { type: 'object', properties: {}, additionalProperties: false },
  layout: ['table.json', '*.png'],
  open: async (root) => {
    const rows = JSON.parse(await readFile(join(root, 'table.json'), 'utf8')) as Row[];
    const samples = rows.map(({ id, patient, labels }): Sample => ({
      dataset: root.split('/').at(-1) ?? '',
      id,
      image: join(root, `${id}.png`),
      patient: { key: patient },
      labels,
    }));
    const counts = { images: rows.length, patients: rows.length, labels: {}, boxes: 0, masks: 0 };
    return { kind: 'tiny', root, samples, vocabulary: ['A', 'B'], counts, skipped: {}, problems: [] };
  },
  checkTable: () => Promise.resolve({ rows: 0, problems: [] }),
});
