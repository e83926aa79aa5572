import type { Box } from '@multichexnet/imaging';
import type { InputBox, LabelledInput } from '../plugin/head-plugin.js';
import type { ImageGeometry } from '../plugin/image-geometry.js';
import type { SplitSample } from './sample.js';

/** An image at the model's input size; what the cache on disk holds. */
export interface PreparedPixels {
  /** Grey display values 0..255, row-major [size * size]. */
  readonly pixels: Uint8Array;
  /** Pixels of the original image. */
  readonly width: number;
  readonly height: number;
  /** Whole pixels of the original image that the input shows; absent = all of it. */
  readonly shown?: Box;
}

/** Labels mapped to the model's input. */
export interface InputLabels {
  /** Input pixels; absent = unknown. */
  readonly boxes?: readonly InputBox[];
  /** 0/1, [size * size]; absent = unknown. */
  readonly mask?: Uint8Array;
}

/** An image at the model's input size with its labels; what is held in memory. */
export interface PreparedImage extends PreparedPixels, InputLabels {
  readonly sample: SplitSample;
  readonly size: number;
}

/** How the input lies in the original image. */
export function geometryOf({
  size,
  width,
  height,
  shown,
}: Pick<PreparedImage, 'size' | 'width' | 'height' | 'shown'>): ImageGeometry {
  return { inputSize: size, width, height, ...(shown === undefined ? {} : { shown }) };
}

/** The sample as heads see it. */
export function labelledInput({
  sample,
  size,
  boxes,
  mask,
}: InputLabels & Pick<PreparedImage, 'sample' | 'size'>): LabelledInput {
  return {
    ...sample,
    input: { size, ...(boxes === undefined ? {} : { boxes }), ...(mask === undefined ? {} : { mask }) },
  };
}
