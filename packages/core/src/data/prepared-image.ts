import type { InputBox, LabelledInput } from '../plugin/head-plugin.js';
import type { SplitSample } from './sample.js';

/** An image at the model's input size with its labels mapped to it; what the cache holds. */
export interface PreparedImage {
  readonly sample: SplitSample;
  /** Grey display values 0..255, row-major [size * size]. */
  readonly pixels: Uint8Array;
  readonly size: number;
  /** Pixels of the original image. */
  readonly width: number;
  readonly height: number;
  /** Input pixels; absent = unknown. */
  readonly boxes?: readonly InputBox[];
  /** 0/1, [size * size]; absent = unknown. */
  readonly mask?: Uint8Array;
}

/** The sample as heads see it. */
export function labelledInput(image: PreparedImage): LabelledInput {
  return {
    ...image.sample,
    input: {
      size: image.size,
      ...(image.boxes === undefined ? {} : { boxes: image.boxes }),
      ...(image.mask === undefined ? {} : { mask: image.mask }),
    },
  };
}
