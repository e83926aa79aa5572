import { scaleBox, type Box } from '@multichexnet/imaging';

/** How an image became the model's square input. */
export interface ImageGeometry {
  /** Pixels of the model's square input. */
  readonly inputSize: number;
  /** Pixels of the original image; decode answers in its coordinates. */
  readonly width: number;
  readonly height: number;
  /** The part of it that the input shows, where borders were cut off; absent = all of it. See {@link shownPart}. */
  readonly shown?: Box;
}

/** The part of the original image that the input shows, in its pixels. */
export function shownPart({ width, height, shown }: Omit<ImageGeometry, 'inputSize'>): Box {
  return shown ?? { x: 0, y: 0, width, height };
}

/** A box of the input in pixels of the original image, not clipped; other fields are kept. */
export function toOriginal<B extends Box>(box: B, { inputSize, ...image }: ImageGeometry): B {
  const { x, y, width, height } = shownPart(image);
  const scaled = scaleBox(box, width / inputSize, height / inputSize);
  return { ...scaled, x: scaled.x + x, y: scaled.y + y };
}
