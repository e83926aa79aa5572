import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { ProblemList } from '@multichexnet/core';

const IMAGE = /\.(?:png|jpe?g|dcm|dicom)$/i;
const DEEPEST = 8;

export interface Listing {
  /** Paths below the folder, with `/`, in order. */
  readonly files: readonly string[];
  /** Files that are no images by their names. */
  readonly others: number;
}

/** All images below a folder. Hidden files and links to folders are not followed. */
export async function listImages(folder: string, name: string, problems: ProblemList): Promise<Listing> {
  const files: string[] = [];
  let others = 0;
  let level = [''];
  for (let depth = 0; level.length > 0; depth++) {
    const next: string[] = [];
    for (const path of level) {
      if (depth > DEEPEST) {
        problems.add(
          'DATA_PATH',
          posix.join(name, path),
          undefined,
          `lies more than ${DEEPEST} folders deep; not read`,
        );
        continue;
      }
      const entries: Dirent[] = await readdir(join(folder, path), { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (entry.name.startsWith('.')) continue;
        const below = posix.join(path, entry.name);
        if (entry.isDirectory()) next.push(below);
        else if (IMAGE.test(entry.name)) files.push(below);
        else others++;
      }
    }
    level = next;
  }
  return { files: files.sort(), others };
}
