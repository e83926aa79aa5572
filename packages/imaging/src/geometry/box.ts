import type { Size } from '../grey-image.js';

/**
 * A box in pixels. x and y are its left and top edges; pixel i covers [i, i + 1), so a box of one pixel has width 1, and the
 * whole image is { x: 0, y: 0, width, height }.
 */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Area; 0 for a box without extent. */
export function boxArea({ width, height }: Box): number {
  return Math.max(0, width) * Math.max(0, height);
}

/** Intersection over union, 0..1; 0 when neither has an area. */
export function boxIou(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (boxArea(a) + boxArea(b) - shared);
}

/** The part of a box inside an image; undefined when no area of it is. Other fields of the box are kept. */
export function clipBox<B extends Box>(box: B, { width, height }: Size): B | undefined {
  const left = Math.max(0, box.x);
  const top = Math.max(0, box.y);
  const right = Math.min(width, box.x + box.width);
  const bottom = Math.min(height, box.y + box.height);
  return right > left && bottom > top
    ? { ...box, x: left, y: top, width: right - left, height: bottom - top }
    : undefined;
}

/** A box in an image scaled by the two factors. Other fields of the box are kept. */
export function scaleBox<B extends Box>(box: B, scaleX: number, scaleY: number = scaleX): B {
  return { ...box, x: box.x * scaleX, y: box.y * scaleY, width: box.width * scaleX, height: box.height * scaleY };
}

/** 1 inside any of the boxes (where a pixel's centre is), 0 outside; row-major [height * width]. */
export function maskOfBoxes(boxes: readonly Box[], { width, height }: Size): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (const box of boxes) {
    const left = Math.max(0, Math.ceil(box.x - 0.5));
    const right = Math.min(width, Math.ceil(box.x + box.width - 0.5));
    const bottom = Math.min(height, Math.ceil(box.y + box.height - 0.5));
    if (right <= left) continue;
    for (let y = Math.max(0, Math.ceil(box.y - 0.5)); y < bottom; y++)
      mask.fill(1, y * width + left, y * width + right);
  }
  return mask;
}
