import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mapLimit, ProblemList, type DataProblem, type LabelledBox } from '@multichexnet/core';
import { findImages } from './find-images.js';
import { boxTable } from './open-root.js';
import { boxSpace, readBoxes } from './read-boxes.js';

const OPEN_FILES = 32;

/**
 * NIH's hand-drawn boxes in pixels of the stored images, by image. They mark some findings of 880 images and leave other findings of the same
 * images unmarked, so that they serve to check where a model looks and are no detection labels: samples have no `boxes`.
 */
export async function readLocalisations(
  root: string,
): Promise<{ readonly boxes: ReadonlyMap<string, readonly LabelledBox[]>; readonly problems: readonly DataProblem[] }> {
  const folder = resolve(root);
  const problems = new ProblemList();
  const files = await findImages(folder, problems);
  const table = { path: join(folder, boxTable), name: boxTable };
  const { boxes } = await readBoxes(table, problems, (image) => files.has(image));
  const images = [...new Set(boxes.map((box) => box.image))];
  const sizes = new Map(
    await mapLimit(images, OPEN_FILES, async (image) => {
      const path = files.get(image) ?? '';
      const size = await readPngSize(join(folder, path));
      if (size === undefined) problems.add('IMAGE_CORRUPT', path, undefined, 'has no PNG header');
      return [image, size] as const;
    }),
  );
  const result = new Map<string, LabelledBox[]>();
  for (const box of boxes) {
    const size = sizes.get(box.image);
    if (size === undefined) continue;
    const [scaleX, scaleY] = [size.width / boxSpace, size.height / boxSpace];
    const list = result.get(box.image) ?? [];
    result.set(box.image, list);
    list.push({
      x: box.x * scaleX,
      y: box.y * scaleY,
      width: box.width * scaleX,
      height: box.height * scaleY,
      finding: box.finding,
    });
  }
  return { boxes: result, problems: problems.toArray() };
}

/** Width and height from IHDR, which is the first chunk of every PNG (ISO/IEC 15948, 11.2.2). */
async function readPngSize(path: string): Promise<{ width: number; height: number } | undefined> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(24), 0, 24, 0);
    if (bytesRead < 24 || buffer.toString('latin1', 12, 16) !== 'IHDR') return undefined;
    return { width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) };
  } finally {
    await file.close();
  }
}
