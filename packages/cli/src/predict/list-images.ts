import { readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { CliError } from '../errors.js';

/** DICOM files often have no ending at all. */
const IMAGE = /^[^.].*\.(png|jpe?g|dcm|dicom)$|^[^.]+$/i;

/**
 * Paths of the image files below a folder, with `/`, in order of their names; hidden files and links to folders are left out, and what lies below `out`:
 * masks and heat maps that an earlier shard drew are no films.
 * @param out folder of the results, which is there
 * @throws CliError CLI_OPTION_VALUE when the images themselves lie in `out`
 */
export async function listImages(folder: string, out: string): Promise<string[]> {
  const skipped = relative(await realpath(folder), await realpath(out))
    .split(sep)
    .join('/');
  if (skipped === '')
    throw new CliError(
      'CLI_OPTION_VALUE',
      `--out ${out} is the folder of the images: masks would lie among them; try --out ${join(out, 'predictions')}`,
    );
  const paths = await listBelow(folder, '', skipped);
  return paths.sort((a, b) => (a < b ? -1 : 1));
}

async function listBelow(folder: string, below: string, skipped: string): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const paths = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory())
        return entry.name.startsWith('.') || path === skipped ? [] : listBelow(folder, path, skipped);
      return (entry.isFile() || entry.isSymbolicLink()) && IMAGE.test(entry.name) ? [path] : [];
    }),
  );
  return paths.flat();
}
