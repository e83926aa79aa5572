import { boxArea, clipBox, type Box } from '../geometry/box.js';
import { assertImageSize, type GreyImage8, type Size } from '../grey-image.js';
import type { Random } from '../random/create-random.js';
import { equaliseAdaptively } from './clahe.js';
import { drawAugmentation, type Augmentation, type AugmentOptions } from './draw-augmentation.js';
import { geometryChange, type GeometryChange } from './geometry-change.js';
import { addNoise } from './noise.js';
import { resample, type Plane, type Shades } from './resample.js';
import { toneTable } from './tone.js';

export interface AugmentSample<B extends Box = Box> {
  readonly image: GreyImage8;
  readonly boxes?: readonly B[] | undefined;
  /** Row-major, anything but 0 is inside, of the image's size. */
  readonly mask?: Uint8Array | undefined;
}

export interface AugmentedSample<B extends Box = Box> {
  readonly image: GreyImage8;
  readonly boxes: B[];
  /** Positions in the given boxes of those that are left: a label that lived by a dropped box must go with it. */
  readonly keptBoxes: number[];
  readonly mask: Uint8Array | undefined;
}

/** Applies one drawn change to image, boxes and mask together. Boxes come out clipped to the image. */
export function applyAugmentation<B extends Box>(
  sample: AugmentSample<B>,
  augmentation: Augmentation,
  options: Pick<AugmentOptions, 'fill' | 'minVisible'> = {},
): AugmentedSample<B> {
  const { width, height } = sample.image;
  const data = new Uint8Array(width * height);
  return { image: { width, height, data }, ...change(sample, augmentation, options, data, BYTES) };
}

/**
 * Draws and applies: a pure function of the sample, the options and the random stream, for instance
 * `createRandom(seed, 'augment', sampleId, epoch)`.
 */
export function augment<B extends Box>(
  sample: AugmentSample<B>,
  options: AugmentOptions,
  random: Random,
): AugmentedSample<B> {
  return applyAugmentation(sample, drawAugmentation(options, random), options);
}

/**
 * {@link augment}, its image divided by 255 and written to `out`: grey 0..1, [height * width].
 * @throws ImagingError ARGUMENT_INVALID
 */
export function augmentInto<B extends Box>(
  sample: AugmentSample<B>,
  options: AugmentOptions,
  random: Random,
  out: Float32Array,
): Omit<AugmentedSample<B>, 'image'> {
  assertImageSize({ ...sample.image, data: out }, 'augmented image');
  return change(sample, drawAugmentation(options, random), options, out, GREYS);
}

const BYTES: Shades = Uint8Array.from({ length: 256 }, (_, value) => value);
/** 0..1 of each byte. */
const GREYS: Shades = Float32Array.from({ length: 256 }, (_, value) => value / 255);
const CLIP_LIMIT = 2;
const TILES = 8;

/** @param shades what stands in `out` for each byte. [256] */
function change<B extends Box>(
  { image, boxes = [], mask }: AugmentSample<B>,
  augmentation: Augmentation,
  { fill = 0, minVisible = 0.25 }: Pick<AugmentOptions, 'fill' | 'minVisible'>,
  out: Shades,
  shades: Shades,
): Omit<AugmentedSample<B>, 'image'> {
  assertImageSize(image);
  if (mask !== undefined) assertImageSize({ ...image, data: mask }, 'mask');
  const moves = geometryChange(augmentation, image);
  const keptBoxes: number[] = [];
  const movedBoxes: B[] = [];
  boxes.forEach((box, i) => {
    const whole = moves === undefined ? box : moves.moveBox(box);
    const inside = clipBox(whole, image);
    if (inside === undefined || boxArea(inside) < minVisible * boxArea(whole)) return;
    keptBoxes.push(i);
    movedBoxes.push(inside);
  });
  const { clahe, noise } = augmentation;
  const tone = toneTable(augmentation);
  const direct = !clahe && noise === 0; // nothing has to see the bytes between
  const bytes = direct ? undefined : new Uint8Array(image.data.length);
  const table = bytes === undefined ? through(tone, shades) : clahe ? BYTES : tone;
  const pixels: Plane = { data: image.data, fill, table, out: bytes ?? out };
  const region = mask && regionOf(mask);
  warp(region === undefined ? [pixels] : [pixels, region], image, moves);
  if (bytes !== undefined) lookUp(finished({ ...image, data: bytes }, augmentation, tone), shades, out);
  return { boxes: movedBoxes, keptBoxes, mask: region?.out };
}

/** A resampled mask is 1 where it is at least one half. */
function regionOf(mask: Uint8Array): Plane & { readonly out: Uint8Array } {
  const data = mask.map((value) => (value === 0 ? 0 : 1));
  return { data, fill: 0, table: BYTES, out: new Uint8Array(mask.length) };
}

/** All planes by one map. */
function warp(planes: readonly Plane[], size: Size, moves: GeometryChange | undefined): void {
  if (moves !== undefined) resample(planes, size, moves.source);
  else for (const { data, table, out } of planes) lookUp(data, table, out);
}

/** CLAHE, then tone; noise last. */
function finished(image: GreyImage8, { clahe, noise, noiseSeed }: Augmentation, tone: Uint8Array): Uint8Array {
  let { data } = image;
  if (clahe) {
    data = equaliseAdaptively(image, CLIP_LIMIT, TILES).data;
    lookUp(data, tone, data);
  }
  if (noise > 0) addNoise(data, noise * 255, noiseSeed);
  return data;
}

/** One table after the other. */
function through(first: Uint8Array, then: Shades): Shades {
  const both = then.slice();
  lookUp(first, then, both);
  return both;
}

function lookUp(data: Uint8Array, table: Shades, out: Shades): void {
  for (let i = 0; i < out.length; i++) out[i] = table[data[i]!]!;
}
