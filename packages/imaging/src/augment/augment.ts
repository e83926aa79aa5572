import { boxArea, clipBox, type Box } from '../geometry/box.js';
import { assertImageSize, type GreyImage8 } from '../grey-image.js';
import type { Random } from '../random/create-random.js';
import { equaliseAdaptively } from './clahe.js';
import { drawAugmentation, type Augmentation, type AugmentOptions } from './draw-augmentation.js';
import { geometryChange, type GeometryChange } from './geometry-change.js';
import { addNoise } from './noise.js';
import { resample, type Plane } from './resample.js';
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
  { fill = 0, minVisible = 0.25 }: Pick<AugmentOptions, 'fill' | 'minVisible'> = {},
): AugmentedSample<B> {
  const { image, boxes = [], mask } = sample;
  assertImageSize(image);
  if (mask !== undefined) assertImageSize({ ...image, data: mask }, 'mask');
  const change = geometryChange(augmentation, image);
  const tone = toneTable(augmentation);
  const keptBoxes: number[] = [];
  const movedBoxes: B[] = [];
  boxes.forEach((box, i) => {
    const whole = change === undefined ? box : change.moveBox(box);
    const inside = clipBox(whole, image);
    if (inside === undefined || boxArea(inside) < minVisible * boxArea(whole)) return;
    keptBoxes.push(i);
    movedBoxes.push(inside);
  });
  const [pixels, region] = warped(image, mask, change, fill, augmentation.clahe ? undefined : tone);
  const equalised = augmentation.clahe ? toned(equaliseAdaptively(pixels, CLIP_LIMIT, TILES).data, tone) : pixels.data;
  if (augmentation.noise > 0) addNoise(equalised, augmentation.noise * 255, augmentation.noiseSeed);
  return {
    image: { width: image.width, height: image.height, data: equalised },
    boxes: movedBoxes,
    keptBoxes,
    mask: region,
  };
}

const CLIP_LIMIT = 2;
const TILES = 8;

/** Image (through the table, if one is given) and mask by one map and one interpolation; copies where nothing moves. */
function warped(
  image: GreyImage8,
  mask: Uint8Array | undefined,
  change: GeometryChange | undefined,
  fill: number,
  table: Uint8Array | undefined,
): [GreyImage8, Uint8Array | undefined] {
  const { width, height, data } = image;
  if (change === undefined) {
    const copy = table === undefined ? new Uint8Array(data) : toned(data, table);
    return [{ width, height, data: copy }, mask === undefined ? undefined : new Uint8Array(mask)];
  }
  const pixels: Plane = { data, fill, table };
  // A resampled mask is 1 where it is at least one half.
  const region = mask?.map((value) => (value === 0 ? 0 : 1));
  const planes = region === undefined ? [pixels] : [pixels, { data: region, fill: 0 }];
  const [moved, movedRegion] = resample(planes, image, change.rows);
  return [{ width, height, data: moved! }, movedRegion];
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
