import { assertImageSize, assertSize, type GreyImage8, type Size } from '../grey-image.js';
import { resizeImage } from '../resize/resize-image.js';
import { resizeMaskArea } from '../resize/resize-mask.js';
import type { Box } from './box.js';

/** `stretch` fills the target and may change the aspect ratio; `letterbox` keeps it and leaves margins, shared evenly. */
export type FitMode = 'stretch' | 'letterbox';

/** How an image was fitted into the network's input, and so how to get back. Plain data: it can be stored with a sample. */
export interface FitTransform {
  readonly mode: FitMode;
  readonly source: Size;
  readonly target: Size;
  /** Where the image lies in the target, whole pixels. */
  readonly content: Box;
}

/** @throws ImagingError ARGUMENT_INVALID */
export function fitTransform(source: Size, target: Size, mode: FitMode = 'stretch'): FitTransform {
  assertSize(source, 'source size');
  assertSize(target, 'target size');
  const scale = Math.min(target.width / source.width, target.height / source.height);
  const fitted = (side: number, room: number) =>
    mode === 'stretch' ? room : Math.min(room, Math.max(1, Math.round(side * scale)));
  const width = fitted(source.width, target.width);
  const height = fitted(source.height, target.height);
  const x = Math.floor((target.width - width) / 2);
  const y = Math.floor((target.height - height) / 2);
  return { mode, source: sizeOf(source), target: sizeOf(target), content: { x, y, width, height } };
}

/** The image at target size (area average down, bilinear up), margins filled. */
export function fitImage(image: GreyImage8, transform: FitTransform, fill = 0): GreyImage8 {
  assertFits(image, transform.source);
  const { content, target } = transform;
  const data = resizeImage(
    { width: image.width, height: image.height, data: image.data },
    content.width,
    content.height,
  ).data;
  return { ...target, data: paste(data, content, target, fill) };
}

/** A mask of the source at target size: 1 where at least half of a pixel's area is inside. */
export function fitMask(mask: Uint8Array, transform: FitTransform): Uint8Array {
  const { content, target, source } = transform;
  return paste(resizeMaskArea(mask, source, sizeOf(content)), content, target, 0);
}

/** A box of the source in target coordinates. */
export function fitBox<B extends Box>(box: B, { content, source }: FitTransform): B {
  const scaleX = content.width / source.width;
  const scaleY = content.height / source.height;
  return {
    ...box,
    x: content.x + box.x * scaleX,
    y: content.y + box.y * scaleY,
    width: box.width * scaleX,
    height: box.height * scaleY,
  };
}

/** A box of the target back in source coordinates; not clipped, see `clipBox`. */
export function unfitBox<B extends Box>(box: B, { content, source }: FitTransform): B {
  const scaleX = source.width / content.width;
  const scaleY = source.height / content.height;
  return {
    ...box,
    x: (box.x - content.x) * scaleX,
    y: (box.y - content.y) * scaleY,
    width: box.width * scaleX,
    height: box.height * scaleY,
  };
}

/** A mask of the target back at source size, margins cut off. */
export function unfitMask(mask: Uint8Array, transform: FitTransform): Uint8Array {
  const { content, source, target } = transform;
  assertImageSize({ ...target, data: mask }, 'mask');
  return resizeMaskArea(cut(mask, content, target), sizeOf(content), source);
}

/** Probabilities (or any numbers) of the target back at source size, margins cut off, interpolated: threshold after this. */
export function unfitMap(map: Float32Array, transform: FitTransform): Float32Array {
  const { content, source, target } = transform;
  assertImageSize({ ...target, data: map }, 'map');
  return resizeImage({ ...sizeOf(content), data: cut(map, content, target) }, source.width, source.height).data;
}

function paste(data: Uint8Array, content: Box, target: Size, fill: number): Uint8Array {
  if (data.length === target.width * target.height) return data;
  const out = new Uint8Array(target.width * target.height).fill(fill);
  for (let y = 0; y < content.height; y++) {
    out.set(data.subarray(y * content.width, (y + 1) * content.width), (content.y + y) * target.width + content.x);
  }
  return out;
}

function cut<T extends Uint8Array | Float32Array>(data: T, content: Box, from: Size): T {
  const out = data.slice(0, content.width * content.height) as T;
  for (let y = 0; y < content.height; y++) {
    const start = (content.y + y) * from.width + content.x;
    out.set(data.subarray(start, start + content.width), y * content.width);
  }
  return out;
}

function sizeOf({ width, height }: Size): Size {
  return { width, height };
}

function assertFits(image: GreyImage8, source: Size): void {
  assertImageSize({ ...source, data: image.data });
}
