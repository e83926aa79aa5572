import { ImagingError } from '../errors.js';
import type { Size } from '../grey-image.js';
import { Scratch } from '../scratch.js';
import type { Affine } from './affine.js';

/**
 * Where each pixel of an output row comes from: writes the source coordinates of the pixels' centres, [width] each, in
 * continuous coordinates (pixel i covers [i, i + 1)).
 */
export type SourceRows = (y: number, xs: Float64Array, ys: Float64Array) => void;

/** From output points to source points: straight, or bent row by row. */
export type SourceMap = Affine | SourceRows;

/** Bytes, or values 0..1. */
export type Shades = Uint8Array | Float32Array;

/** One plane to resample. */
export interface Plane {
  /** [height * width] */
  readonly data: Uint8Array;
  /** Value of what lies outside. */
  readonly fill: number;
  /** What becomes of each resampled value. [256] */
  readonly table: Shades;
  /** Where it goes. [height * width] */
  readonly out: Shades;
}

/**
 * One bilinear interpolation of every plane by one map, weights in steps of 1/2048, rounded half up, then looked up. All in whole numbers: a straight map's
 * coordinates too, so that a row is a walk in equal steps over the part of it that lies inside.
 * @throws ImagingError ARGUMENT_INVALID for sides of 2^19 and more
 */
export function resample(planes: readonly Plane[], size: Size, source: SourceMap): void {
  if (Math.max(size.width, size.height) >= 2 ** 19)
    throw new ImagingError('ARGUMENT_INVALID', `${size.width} x ${size.height} is too large to be augmented`);
  const framed = planes.map((plane, i) => ({
    ...plane,
    framed: withFrame(plane, size, (scratch[i] ??= new Scratch())),
  }));
  if (typeof source === 'function') bentRows(framed, size, source);
  else for (const plane of framed) straightRows(plane, size, source);
}

const scratch: Scratch[] = [];

interface FramedPlane extends Plane {
  /** [(height + 2) * (width + 2)] */
  readonly framed: Uint8Array;
}

/** The plane with one pixel of fill all around: no neighbour of a point that shows any of the plane lies outside. */
function withFrame({ data, fill }: Plane, { width, height }: Size, memory: Scratch): Uint8Array {
  const stride = width + 2;
  const framed = memory.take(stride * (height + 2));
  framed.fill(fill, 0, stride);
  for (let y = 0; y < height; y++) {
    const at = (y + 1) * stride;
    framed[at] = fill;
    framed.set(data.subarray(y * width, (y + 1) * width), at + 1);
    framed[at + stride - 1] = fill;
  }
  return framed.fill(fill, (height + 1) * stride);
}

const WEIGHT_BITS = 11;
const STEPS = 2 ** WEIGHT_BITS;
const MASK = STEPS - 1;
const ROUND = (STEPS * STEPS) / 2;
/** Equal steps in whole numbers drift away from the line: by less than a weight's step over so many pixels of a row of up to 4096. */
const STRETCH = 256;

function straightRows({ framed, table, out }: FramedPlane, { width, height }: Size, m: Affine): void {
  const bits = Math.clz32(Math.max(width, height) + 1) - 1; // of the fraction, so that any coordinate inside fits 31
  const one = 2 ** bits;
  const outside = table[framed[0]!]!;
  const [stepX, stepY] = [Math.round(m.a * one), Math.round(m.d * one)];
  const [endX, endY] = [(width + 1) * one, (height + 1) * one];
  for (let y = 0; y < height; y++) {
    for (let left = 0; left < width; left += STRETCH) {
      const length = Math.min(STRETCH, width - left);
      // Of the upper left neighbour in the frame, half a weight's step added: the weights are cut off.
      const x = Math.round((m.a * (left + 0.5) + m.b * (y + 0.5) + m.c + HALF) * one);
      const z = Math.round((m.d * (left + 0.5) + m.e * (y + 0.5) + m.f + HALF) * one);
      const from = Math.max(0, enters(x, stepX, endX), enters(z, stepY, endY));
      const to = Math.min(length, leaves(x, stepX, endX), leaves(z, stepY, endY));
      const at = y * width + left;
      if (from < to) {
        const [startX, startY] = [(x + from * stepX) | 0, (z + from * stepY) | 0];
        walk(framed, width + 2, startX, startY, stepX | 0, stepY | 0, bits, table, out, at + from, at + to);
        out.fill(outside, at, at + from);
        out.fill(outside, at + to, at + length);
      } else out.fill(outside, at, at + length);
    }
  }
}

/** Half a pixel to the upper left neighbour, one pixel of frame, half a step of the weights. */
const HALF = 1 / 2 + 1 / (2 * STEPS);

/** First step at which `start + n * step` is in 0 .. end - 1, if it is not before the first. */
function enters(start: number, step: number, end: number): number {
  if (step > 0) return Math.ceil(-start / step);
  if (step < 0) return Math.floor((end - start) / step) + 1;
  return start >= 0 && start < end ? 0 : Infinity;
}

/** First step after that at which it is no longer. */
function leaves(start: number, step: number, end: number): number {
  if (step > 0) return Math.ceil((end - start) / step);
  return step < 0 ? Math.floor(-start / step) + 1 : Infinity;
}

/** Pixels `at .. end - 1` of the output, all of whose neighbours are in the frame. */
function walk(
  framed: Uint8Array,
  stride: number,
  x: number,
  y: number,
  stepX: number,
  stepY: number,
  bits: number,
  table: Shades,
  out: Shades,
  at: number,
  end: number,
): void {
  const weightBits = bits - WEIGHT_BITS;
  for (let i = at; i < end; i++) {
    const place = (Math.imul(y >> bits, stride) + (x >> bits)) | 0;
    out[i] = table[blend(framed, place, stride, (x >> weightBits) & MASK, (y >> weightBits) & MASK)]!;
    x = (x + stepX) | 0;
    y = (y + stepY) | 0;
  }
}

function bentRows(planes: readonly FramedPlane[], { width, height }: Size, rows: SourceRows): void {
  const xs = new Float64Array(width);
  const ys = new Float64Array(width);
  for (let row = 0; row < height; row++) {
    rows(row, xs, ys);
    for (const plane of planes) bentRow(plane, xs, ys, height, row * width);
  }
}

function bentRow(
  { framed, table, out }: FramedPlane,
  xs: Float64Array,
  ys: Float64Array,
  height: number,
  at: number,
): void {
  const width = xs.length;
  const stride = width + 2;
  const outside = table[framed[0]!]!;
  for (let i = 0; i < width; i++) {
    const x = Math.floor((xs[i]! + HALF) * STEPS);
    const y = Math.floor((ys[i]! + HALF) * STEPS);
    const inside = x >= 0 && y >= 0 && x < (width + 1) * STEPS && y < (height + 1) * STEPS;
    const place = (y >> WEIGHT_BITS) * stride + (x >> WEIGHT_BITS);
    out[at + i] = inside ? table[blend(framed, place, stride, x & MASK, y & MASK)]! : outside;
  }
}

/** Of the pixel at `place`, its right, lower and lower right neighbours; weights of the right and the lower ones in 1/2048: a byte and both of them fit 31 bits. */
function blend(framed: Uint8Array, place: number, stride: number, right: number, lower: number): number {
  const upperLeft = framed[place]!;
  const lowerLeft = framed[place + stride]!;
  const above = (upperLeft << WEIGHT_BITS) + Math.imul(framed[place + 1]! - upperLeft, right);
  const below = (lowerLeft << WEIGHT_BITS) + Math.imul(framed[place + stride + 1]! - lowerLeft, right);
  return ((above << WEIGHT_BITS) + Math.imul(below - above, lower) + ROUND) >> (2 * WEIGHT_BITS);
}
