import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { mapLimit, readTable, shown, type ProblemList, type TableFile } from '@multichexnet/core';
import { ImagingError, parseRle } from '@multichexnet/imaging';

/** Width and height of every image of the published set. */
export const publishedSize = 1024;

/** A DICOM UID (digits and dots), or `ID_xxxxxxxxx` as in stage 2. */
const IMAGE_ID = /^(?:\d+(?:\.\d+)+|ID_[0-9a-z]+)$/i;
const DEEPEST = 4;
const OPEN_FOLDERS = 16;

/** What the table says of one image. */
export interface SiimImage {
  readonly id: string;
  /** First row of the image. */
  readonly line: number;
  /** True after a row that says -1. */
  negative: boolean;
  /** Rows with runs, to be ORed. */
  readonly rle: { readonly text: string; readonly line: number }[];
  /** A wrong row makes the whole image unusable: the rest of its mask would pass for all of it. */
  usable: boolean;
}

/** Reads `train-rle.csv`. The runs themselves are checked by `checkRuns`, which needs the size of the image. */
export async function readRuns(
  file: TableFile,
  problems: ProblemList,
): Promise<{ readonly rows: number; readonly images: ReadonlyMap<string, SiimImage> }> {
  const images = new Map<string, SiimImage>();
  const spec = { id: { name: 'ImageId' }, text: { name: 'EncodedPixels' } };
  const { rows } = await readTable(file, spec, problems, ({ line, id, text }) => {
    if (!IMAGE_ID.test(id) || id.length > 64) {
      problems.add(
        'DATA_PATH',
        file.name,
        line,
        `ImageId ${shown(id)} is neither a UID (digits and dots) nor ID_xxxxxxxxx`,
      );
      return;
    }
    const known = images.get(id);
    const image: SiimImage = known ?? { id, line, negative: false, rle: [], usable: true };
    images.set(id, image);
    const repeats = (message: string): void => problems.add('ID_DUPLICATE', file.name, line, message);
    const reject = (code: string, message: string): void => {
      problems.add(code, file.name, line, message);
      image.usable = false;
    };
    if (text === '-1') {
      if (image.negative) return repeats(`repeats line ${image.line} (${shown(id)})`);
      if (image.rle.length > 0)
        return reject(
          'LABEL_CONTRADICTION',
          `-1 (no mask), but line ${image.rle[0]?.line} has a mask for the same image`,
        );
      image.negative = true;
      return;
    }
    if (image.negative)
      return reject('LABEL_CONTRADICTION', `a mask, but line ${image.line} says -1 for the same image`);
    const twin = text === '' ? undefined : image.rle.find((row) => row.text === text);
    if (twin !== undefined) return repeats(`repeats the mask of line ${twin.line}`);
    image.rle.push({ text, line });
  });
  return { rows, images };
}

/** Reports rows that describe no mask of this size, and drops them; the image is unusable then. */
export function checkRuns(image: SiimImage, width: number, height: number, file: string, problems: ProblemList): void {
  for (const row of [...image.rle]) {
    try {
      parseRle(row.text, { width, height, relative: true });
    } catch (error) {
      if (!(error instanceof ImagingError)) throw error;
      problems.add(error.code, file, row.line, error.reason);
      image.rle.splice(image.rle.indexOf(row), 1);
      image.usable = false;
    }
  }
}

/**
 * All `.dcm` files below `root/folder` by name without ending, as paths relative to the root. Links to files are taken, links to folders are not
 * followed. A name that is there twice is an `ID_DUPLICATE`; the first path in order counts.
 */
export async function findImages(
  root: string,
  folder: string,
  problems: ProblemList,
): Promise<ReadonlyMap<string, string>> {
  const found: string[] = [];
  let level = [folder];
  for (let depth = 0; level.length > 0 && depth < DEEPEST; depth++) {
    const listings = await mapLimit(level, OPEN_FOLDERS, async (name) => {
      const entries = await readdir(join(root, name), { withFileTypes: true });
      return entries.map((entry) => ({ path: posix.join(name, entry.name), isFolder: entry.isDirectory() }));
    });
    const entries = listings.flat();
    for (const { path, isFolder } of entries) if (!isFolder && path.endsWith('.dcm')) found.push(path);
    level = entries.filter(({ isFolder }) => isFolder).map(({ path }) => path);
  }
  const images = new Map<string, string>();
  for (const path of found.sort()) {
    const id = posix.basename(path, '.dcm');
    const other = images.get(id);
    if (other === undefined) images.set(id, path);
    else problems.add('ID_DUPLICATE', path, undefined, `the same image name as ${other}`);
  }
  return images;
}
