import { createUid, encodePngGrey, writeDicom } from '@multichexnet/imaging';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { noise } from './workload.js';

export const IMAGES = 64;
/** Pixels per side of the images on disk. */
export const ORIGINAL = 1024;
export const FORMATS = ['dicom', 'png'] as const;
export type Format = (typeof FORMATS)[number];

/** Folder with `dicom/NNN.dcm` (JPEG inside) and `png/NNN.png`, which have about the sizes of RSNA's and ChestX-ray14's files; made on first use. */
export async function imageFolder(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'multichexnet', 'bench-images-1');
  if (existsSync(folder)) return folder;
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  for (const format of FORMATS) mkdirSync(join(part, format), { recursive: true });
  for (let i = 0; i < IMAGES; i++) {
    const pixels = film(i);
    const [sopInstanceUid, studyInstanceUid, seriesInstanceUid] = ['image', 'study', 'series'].map((what) =>
      createUid(`bench ${what} ${i}`),
    ) as [string, string, string];
    const size = { width: ORIGINAL, height: ORIGINAL };
    const encoding = { jpegQuality: 90 };
    const dicom = { ...size, pixels, sopInstanceUid, studyInstanceUid, seriesInstanceUid, encoding };
    writeFileSync(imagePath(part, 'dicom', i), await writeDicom(dicom));
    writeFileSync(imagePath(part, 'png', i), await encodePngGrey(pixels, ORIGINAL, ORIGINAL));
  }
  renameSync(part, folder);
  return folder;
}

export function imagePath(folder: string, format: Format, i: number): string {
  return join(folder, format, `${String(i).padStart(3, '0')}.${format === 'dicom' ? 'dcm' : 'png'}`);
}

/** Smooth shades with a little grain, which JPEG and PNG pack about as well as a radiograph. */
function film(seed: number): Uint8Array {
  const grain = noise(ORIGINAL * ORIGINAL, seed + 1);
  const [a, b] = [70 + seed, 150 - seed];
  return Uint8Array.from(grain, (u, i) => {
    const [x, y] = [i % ORIGINAL, Math.floor(i / ORIGINAL)];
    return 120 + 70 * Math.sin(x / a) * Math.cos(y / b) + 25 * Math.sin((x + 2 * y) / 31) + 5 * (u - 0.5);
  });
}
