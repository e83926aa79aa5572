import { encodeRle, ImagingError, readGreyImage, type Size } from '@multichexnet/imaging';
import type { MaskLabel } from '@multichexnet/core';

/** A mask that cannot be taken as one. */
export class MaskError extends Error {
  override readonly name = 'MaskError';
}

/**
 * A PNG mask of the image's size: 0 outside, one other value inside.
 * @throws MaskError for a third value or another size; ImagingError for a file that can't be read
 */
export async function readMask(path: string, image: Size): Promise<MaskLabel> {
  const { width, height, data, format } = await readGreyImage(path);
  if (format !== 'png') throw new MaskError(`is a ${format} file; a mask is a PNG, which keeps its values`);
  if (width !== image.width || height !== image.height)
    throw new MaskError(`has ${width} x ${height} pixels, its image ${image.width} x ${image.height}`);
  const inside = data.find((value) => value !== 0) ?? 0;
  const third = data.find((value) => value !== 0 && value !== inside);
  if (third !== undefined)
    throw new MaskError(`holds the values 0, ${inside} and ${third}; a mask is 0 outside and one other value inside`);
  const rle = encodeRle(data, { width, height, relative: true, order: 'column' });
  return { width, height, rle: rle === '-1' ? [] : [rle] };
}

export function maskProblem(error: unknown): { readonly code: string; readonly message: string } | undefined {
  if (error instanceof MaskError) return { code: 'MASK_INVALID', message: error.message };
  if (error instanceof ImagingError) return { code: error.code, message: error.reason };
  return undefined;
}
