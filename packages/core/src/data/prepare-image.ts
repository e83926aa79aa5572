import {
  clipBox,
  cropImage,
  decodeRle,
  insideBorders,
  readGreyImage,
  readResizedImage,
  resizeArea,
  resizeMaskNearest,
  scaleBox,
  type Box,
  type Size,
} from '@multichexnet/imaging';
import { shownPart } from '../plugin/image-geometry.js';
import type { PreparedImage, PreparedPixels } from './prepared-image.js';
import type { Preprocessing } from './preprocessing.js';
import type { MaskLabel, SplitSample } from './sample.js';

/** Reads one image and maps its labels. @throws ImagingError naming the file */
export async function prepareImage(sample: SplitSample, preprocessing: Preprocessing): Promise<PreparedImage> {
  return withLabels(sample, await readPixels(sample.image, preprocessing), preprocessing);
}

/** @throws ImagingError naming the file; DICOM_NOT_A_RADIOGRAPH too, whatever the adapter looked at */
export async function readPixels(path: string, { size, crop }: Preprocessing): Promise<PreparedPixels> {
  if (crop === 'borders') return readInsideBorders(path, size);
  const target = { width: size, height: size };
  const { data, width, height } = await readResizedImage(path, target, { chestRadiographOnly: true });
  return { pixels: data, width, height };
}

async function readInsideBorders(path: string, size: number): Promise<PreparedPixels> {
  const image = await readGreyImage(path, { chestRadiographOnly: true });
  const { width, height } = image;
  const shown = insideBorders(image);
  return { pixels: resizeArea(cropImage(image, shown), size, size).data, width, height, shown };
}

/** Boxes and mask of the original image follow the crop and the stretch. A box of which nothing is shown is gone. */
export function withLabels(sample: SplitSample, image: PreparedPixels, { size }: Preprocessing): PreparedImage {
  const { boxes, mask } = sample.labels;
  const { shown } = image;
  return {
    sample,
    ...image,
    size,
    ...(boxes === undefined ? {} : { boxes: boxes.flatMap((box) => toInput(box, image, size)) }),
    ...(mask === undefined ? {} : { mask: maskAt(mask, size, shown) }),
  };
}

function toInput({ x, y, width, height }: Box, image: PreparedPixels, size: number): Box[] {
  const { shown } = image;
  const box =
    shown === undefined ? { x, y, width, height } : clipped({ x: x - shown.x, y: y - shown.y, width, height }, shown);
  const part = shownPart(image);
  return box === undefined ? [] : [scaleBox(box, size / part.width, size / part.height)];
}

/** As it is where nothing of it is cut off: a box without extent stays one. */
function clipped(box: Box, part: Size): Box | undefined {
  const whole = box.x >= 0 && box.y >= 0 && box.x + box.width <= part.width && box.y + box.height <= part.height;
  return whole ? box : clipBox(box, part);
}

function maskAt(mask: MaskLabel, size: number, shown: Box | undefined): Uint8Array {
  if (mask.rle.length === 0) return new Uint8Array(size * size);
  const whole = { width: mask.width, height: mask.height, data: decodeMask(mask) };
  const part = shown === undefined ? whole : cropImage(whole, shown);
  return resizeMaskNearest(part.data, part, { width: size, height: size });
}

/** The united mask in original pixels, row-major 0/1 [height * width]. */
export function decodeMask(mask: MaskLabel): Uint8Array {
  return decodeRle(mask.rle, { width: mask.width, height: mask.height, relative: true, order: 'column' });
}
