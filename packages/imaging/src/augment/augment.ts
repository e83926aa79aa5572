import { boxArea, clipBox, type Box } from '../geometry/box.js';
import { assertImageSize, type GreyImage8 } from '../grey-image.js';
import type { Random } from '../random/create-random.js';
import { affineOf, transformBox, transformImage, transformMask, type AffineParameters } from './affine.js';
import { toneTable, type ToneParameters } from './tone.js';

/** Ranges to draw from; each defaults to no change. */
export interface AugmentOptions {
  /**
   * Probability of a left-right flip. 0 by default: the heart lies left and the side marker is part of the image, so a mirrored
   * chest is another patient's (dextrocardia), not another view of the same one.
   */
  readonly flip?: number | undefined;
  /** Largest rotation either way, degrees. */
  readonly rotation?: number | undefined;
  /** Lowest and highest scale; they are drawn so that halving is as likely as doubling. */
  readonly scale?: readonly [number, number] | undefined;
  /** Largest shift either way, as a fraction of the side. */
  readonly translate?: number | undefined;
  /** Lowest and highest exponent on values 0..1: above 1 darkens. */
  readonly gamma?: readonly [number, number] | undefined;
  /** Lowest and highest factor on the distance from middle grey. */
  readonly contrast?: readonly [number, number] | undefined;
  /** Largest shift of the values either way, as a fraction of the range 0..255. */
  readonly brightness?: number | undefined;
  /** Value of what comes into view from outside, 0..255. Default 0. */
  readonly fill?: number | undefined;
  /** A box is dropped when less than this fraction of it stays inside. Default 0.25. */
  readonly minVisible?: number | undefined;
}

/** What was drawn for one sample: plain numbers, so that it can be logged and applied again. */
export interface Augmentation extends AffineParameters, ToneParameters {}

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

/**
 * Draws parameters. Always the same count and order of numbers, so that switching one kind of change on or off leaves the others
 * as they were.
 */
export function drawAugmentation(options: AugmentOptions, random: Random): Augmentation {
  const symmetric = (most = 0) => random.uniform(-most, most);
  const ratio = ([low, high]: readonly [number, number] = [1, 1]) => low * (high / low) ** random.uniform();
  return {
    flip: random.uniform() < (options.flip ?? 0),
    rotation: symmetric(options.rotation),
    scale: ratio(options.scale),
    translateX: symmetric(options.translate),
    translateY: symmetric(options.translate),
    gamma: ratio(options.gamma),
    contrast: ratio(options.contrast),
    brightness: symmetric(options.brightness),
  };
}

/** Applies one drawn change to image, boxes and mask together. Boxes come out clipped to the image. */
export function applyAugmentation<B extends Box>(
  sample: AugmentSample<B>,
  augmentation: Augmentation,
  { fill = 0, minVisible = 0.25 }: Pick<AugmentOptions, 'fill' | 'minVisible'> = {},
): AugmentedSample<B> {
  const { image, boxes = [], mask } = sample;
  assertImageSize(image);
  if (mask !== undefined) assertImageSize({ ...image, data: mask }, 'mask');
  const matrix = affineOf(augmentation, image);
  const still =
    matrix.a === 1 && matrix.b === 0 && matrix.c === 0 && matrix.d === 0 && matrix.e === 1 && matrix.f === 0;
  const tone = toneTable(augmentation);
  const keptBoxes: number[] = [];
  const movedBoxes: B[] = [];
  boxes.forEach((box, i) => {
    const whole = still ? box : transformBox(box, matrix);
    const inside = clipBox(whole, image);
    if (inside === undefined || boxArea(inside) < minVisible * boxArea(whole)) return;
    keptBoxes.push(i);
    movedBoxes.push(inside);
  });
  return {
    image: {
      width: image.width,
      height: image.height,
      data: still ? toned(image.data, tone) : transformImage(image, matrix, fill, tone).data,
    },
    boxes: movedBoxes,
    keptBoxes,
    mask: mask === undefined ? undefined : still ? new Uint8Array(mask) : transformMask(mask, image, matrix),
  };
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

function toned(data: Uint8Array, table: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[data[i]!]!;
  return out;
}
