import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** DICOM files often have no ending at all. */
const IMAGE = /^[^.].*\.(png|jpe?g|dcm|dicom)$|^[^.]+$/i;

/** Paths of the image files below a folder, with `/`, in order of their names; hidden files and links to folders are left out. */
export async function listImages(folder: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const paths = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : listImages(folder, path);
      return (entry.isFile() || entry.isSymbolicLink()) && IMAGE.test(entry.name) ? [path] : [];
    }),
  );
  const all = paths.flat();
  return below === '' ? all.sort((a, b) => (a < b ? -1 : 1)) : all;
}
