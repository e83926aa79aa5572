import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { ProblemList } from '@multichexnet/core';

/** `images`, or the twelve folders of the download; not `images_1024` and the like. */
const FOLDER = /^images(?:_0(?:0[1-9]|1[0-2]))?$/;

/** PNG files by name, as paths relative to the root: `images/*.png`, `images_001/images/*.png` or `images_001/*.png`. */
export async function findImages(root: string, problems: ProblemList): Promise<ReadonlyMap<string, string>> {
  const images = new Map<string, string>();
  for (const folder of (await readdir(root)).filter((name) => FOLDER.test(name)).sort()) {
    for (const inner of [folder, posix.join(folder, 'images')]) {
      for (const name of await readdir(join(root, inner)).catch(() => [])) {
        if (!name.endsWith('.png')) continue;
        const path = posix.join(inner, name);
        const other = images.get(name);
        if (other === undefined) images.set(name, path);
        else problems.add('ID_DUPLICATE', path, undefined, `the same image name as ${other}`);
      }
    }
  }
  return images;
}
