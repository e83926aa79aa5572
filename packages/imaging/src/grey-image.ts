import { ImagingError } from './errors.js';

/** Storage of one grey value per pixel. */
export type GreyData = Uint8Array | Uint16Array | Float32Array;

/** A grey image, row-major from the top left corner: pixel (x, y) is `data[y * width + x]`. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: GreyData;
  /** Values that mean black and white, e.g. [0, 4095] for 12 stored bits; data lies within. */
  readonly range: readonly [number, number];
}

/** An 8-bit grey image for display: 0 black, 255 white; row-major from the top left corner. */
export interface GreyImage8 {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** @throws ImagingError ARGUMENT_INVALID unless width and height are whole, positive, and match the length of the data. */
export function assertImageSize(image: Size & { readonly data: ArrayLike<number> }, what = 'image'): void {
  assertSize(image, what);
  if (image.data.length !== image.width * image.height) {
    throw new ImagingError(
      'ARGUMENT_INVALID',
      `${what} of ${image.width} x ${image.height} needs ${image.width * image.height} values, got ${image.data.length}`,
    );
  }
}

/** @throws ImagingError ARGUMENT_INVALID unless width and height are whole numbers >= 1. */
export function assertSize(size: Size, what = 'size'): void {
  const { width, height } = size;
  if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height) || width < 1 || height < 1) {
    throw new ImagingError(
      'ARGUMENT_INVALID',
      `${what}: width and height must be whole numbers >= 1, got ${width} x ${height}`,
    );
  }
}

/** A plain Uint8Array on the same bytes: `slice` of a Node Buffer would share memory instead of copying. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
