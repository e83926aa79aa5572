import type { Random } from '../random/create-random.js';
import type { AffineParameters, CropParameters } from './affine.js';
import { gridCells, type DistortionParameters } from './distortion.js';
import { elasticControls } from './elastic-field.js';
import type { ToneParameters } from './tone.js';

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
  /** Largest fraction of the area cut away; the window's place and its shape (3:4 to 4:3) are drawn. */
  readonly crop?: number | undefined;
  /** Largest elastic displacement either way, as a fraction of the side: a smooth field of 4 x 4 cells. 0.1 at most. */
  readonly elastic?: number | undefined;
  /** Largest relative change of the widths and heights of a 5 x 5 grid's cells; below 1. */
  readonly grid?: number | undefined;
  /** Largest lens distortion either way, the k of r' = r (1 + k r^2), r = 1 at the middle of a side. 0.15 at most. */
  readonly optical?: number | undefined;
  /** Probability of CLAHE (clip limit 2, 8 x 8 tiles), before gamma. */
  readonly clahe?: number | undefined;
  /** Largest deviation of the noise added last, as a fraction of the range 0..255. */
  readonly noise?: number | undefined;
  /** Value of what comes into view from outside, 0..255. Default 0. */
  readonly fill?: number | undefined;
  /** A box is dropped when less than this fraction of it stays inside. Default 0.25. */
  readonly minVisible?: number | undefined;
}

/** What was drawn for one sample: plain numbers, so that it can be logged and applied again. */
export interface Augmentation extends AffineParameters, DistortionParameters, ToneParameters {
  readonly clahe: boolean;
  /** Deviation in fractions of the range 0..255, and the seed that makes it. */
  readonly noise: number;
  readonly noiseSeed: number;
}

/**
 * Draws parameters. Always the same count and order of numbers, so that switching one kind of change on or off leaves the others
 * as they were.
 */
export function drawAugmentation(options: AugmentOptions, random: Random): Augmentation {
  const symmetric = (most = 0) => random.uniform(-most, most);
  const ratio = ([low, high]: readonly [number, number] = [1, 1]) => low * (high / low) ** random.uniform();
  const list = (count: number, most = 0) => {
    const values = Array.from({ length: count }, () => random.uniform(-1, 1));
    return most === 0 ? [] : values.map((value) => value * most);
  };
  const cells = (most?: number) => list(gridCells, most).map((change) => 1 + change);
  return {
    flip: random.uniform() < (options.flip ?? 0),
    rotation: symmetric(options.rotation),
    scale: ratio(options.scale),
    translateX: symmetric(options.translate),
    translateY: symmetric(options.translate),
    gamma: ratio(options.gamma),
    contrast: ratio(options.contrast),
    brightness: symmetric(options.brightness),
    crop: drawCrop(options.crop ?? 0, random),
    optical: symmetric(options.optical),
    gridX: cells(options.grid),
    gridY: cells(options.grid),
    elasticX: list(elasticControls, options.elastic),
    elasticY: list(elasticControls, options.elastic),
    clahe: random.uniform() < (options.clahe ?? 0),
    noise: random.uniform(0, options.noise ?? 0),
    noiseSeed: random.uint32(),
  };
}

/** A window of a drawn area and shape, anywhere in the image; four numbers are drawn whatever comes of them. */
function drawCrop(most: number, random: Random): CropParameters | undefined {
  const area = random.uniform(1 - most, 1);
  const shape = (3 / 4) * (16 / 9) ** random.uniform();
  const [x, y] = [random.uniform(), random.uniform()];
  if (most === 0) return undefined;
  const width = Math.min(1, Math.sqrt(area * shape));
  const height = Math.min(1, Math.sqrt(area / shape));
  return { x: x * (1 - width), y: y * (1 - height), width, height };
}
