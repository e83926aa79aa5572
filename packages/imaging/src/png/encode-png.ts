import sharp from 'sharp';
import { toImagingError } from '../errors.js';
import { assertImageSize } from '../grey-image.js';

/**
 * An 8-bit grey PNG.
 * @param data 0..255, row-major, [height * width]
 * @throws ImagingError ARGUMENT_INVALID when the data does not fit the size
 */
export async function encodePngGrey(data: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  assertImageSize({ width, height, data });
  const file = await sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 6, adaptiveFiltering: true })
    .toBuffer()
    .catch((thrown: unknown) => {
      throw toImagingError(thrown, 'ARGUMENT_INVALID', 'PNG: cannot be encoded');
    });
  return new Uint8Array(file);
}

/**
 * A mask as an 8-bit grey PNG of 0 and 255.
 * @param mask anything but 0 is inside, row-major, [height * width]
 */
export async function encodePngMask(mask: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  return encodePngGrey(
    mask.map((value) => (value === 0 ? 0 : 255)),
    width,
    height,
  );
}
