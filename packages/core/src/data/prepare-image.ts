import { decodeRle, readResizedImage, resizeMaskNearest } from '@multichexnet/imaging';
import type { PreparedImage, PreparedPixels } from './prepared-image.js';
import type { Preprocessing } from './preprocessing.js';
import type { MaskLabel, SplitSample } from './sample.js';

/** Reads one image and maps its labels. @throws ImagingError naming the file */
export async function prepareImage(sample: SplitSample, preprocessing: Preprocessing): Promise<PreparedImage> {
  return withLabels(sample, await readPixels(sample.image, preprocessing), preprocessing);
}

/** @throws ImagingError naming the file; DICOM_NOT_A_RADIOGRAPH too, whatever the adapter looked at */
export async function readPixels(path: string, preprocessing: Preprocessing): Promise<PreparedPixels> {
  const { size } = preprocessing;
  const target = { width: size, height: size };
  const { data, width, height } = await readResizedImage(path, target, { chestRadiographOnly: true });
  return { pixels: data, width, height };
}

/** Boxes and mask of the original image follow the stretch. */
export function withLabels(sample: SplitSample, image: PreparedPixels, { size }: Preprocessing): PreparedImage {
  const { width, height, pixels } = image;
  const [scaleX, scaleY] = [size / width, size / height];
  const { boxes, mask } = sample.labels;
  return {
    sample,
    pixels,
    size,
    width,
    height,
    ...(boxes === undefined
      ? {}
      : {
          boxes: boxes.map((box) => ({
            x: box.x * scaleX,
            y: box.y * scaleY,
            width: box.width * scaleX,
            height: box.height * scaleY,
          })),
        }),
    ...(mask === undefined ? {} : { mask: maskAt(mask, size) }),
  };
}

function maskAt(mask: MaskLabel, size: number): Uint8Array {
  if (mask.rle.length === 0) return new Uint8Array(size * size);
  return resizeMaskNearest(decodeMask(mask), mask, { width: size, height: size });
}

/** The united mask in original pixels, row-major 0/1 [height * width]. */
export function decodeMask(mask: MaskLabel): Uint8Array {
  return decodeRle(mask.rle, { width: mask.width, height: mask.height, relative: true, order: 'column' });
}
