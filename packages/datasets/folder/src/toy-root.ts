import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodePngGrey, encodePngMask } from '@multichexnet/imaging';

/** Width and height of every toy image. */
export const SIZE = [40, 30] as const;

export const png = (seed: number): Promise<Uint8Array> =>
  encodePngGrey(
    Uint8Array.from({ length: 1200 }, (_, i) => (i * 7 + seed * 31) % 256),
    ...SIZE,
  );

/** A mask with the rectangle x 3..9, y 5..14; empty without one. */
export const mask = (there: boolean): Promise<Uint8Array> =>
  encodePngMask(
    Uint8Array.from({ length: 1200 }, (_, i) => {
      const [x, y] = [i % 40, Math.floor(i / 40)];
      return there && x >= 3 && x < 10 && y >= 5 && y < 15 ? 1 : 0;
    }),
    ...SIZE,
  );

const made: string[] = [];

/** Removes every folder that was written. */
export async function removeRoots(): Promise<void> {
  for (const root of made) await rm(root, { recursive: true, force: true });
}

/** A new folder below the system's temporary one with these files. */
export async function writeRoot(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'mcx-folder-'));
  made.push(root);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}
