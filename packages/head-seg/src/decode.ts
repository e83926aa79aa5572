import { shownPart, type ImageGeometry } from '@multichexnet/core';
import { encodeRle, fitTransform, pasteMap, unfitMap } from '@multichexnet/imaging';

export interface SegPrediction {
  readonly mask: {
    /** Of the original image. */
    readonly width: number;
    readonly height: number;
    /** The SIIM-ACR encoding: relative, 0-based, column-major; `-1` = empty. */
    readonly rle: string;
  };
  /** Share of the image inside the mask, 0..1. */
  readonly area: number;
}

/** Probabilities [height * width] at the original size, interpolated from logits [size * size]; 0 where borders were cut off. */
export function probabilityMap(logits: Float32Array, { inputSize, ...image }: ImageGeometry): Float32Array {
  const input = logits.map((x) => 1 / (1 + Math.exp(-x)));
  const part = shownPart(image);
  const shown = unfitMap(input, fitTransform(part, { width: inputSize, height: inputSize }));
  return pasteMap(shown, part, image);
}

export function decode(logits: Float32Array, threshold: number, geometry: ImageGeometry): SegPrediction {
  const { width, height } = geometry;
  const mask = Uint8Array.from(probabilityMap(logits, geometry), (p) => (p >= threshold ? 1 : 0));
  return describeMask(mask, width, height);
}

/** The prediction for an image that a gate held back: an empty mask. */
export function decodeEmpty({ width, height }: ImageGeometry): SegPrediction {
  return describeMask(new Uint8Array(width * height), width, height);
}

function describeMask(mask: Uint8Array, width: number, height: number): SegPrediction {
  const inside = mask.reduce((sum, pixel) => sum + pixel, 0);
  return {
    mask: { width, height, rle: encodeRle(mask, { width, height, relative: true }) },
    area: inside / (width * height),
  };
}
