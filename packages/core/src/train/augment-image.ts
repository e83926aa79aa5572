import { augment, createRandom } from '@multichexnet/imaging';
import type { PreparedImage } from '../data/prepared-image.js';
import type { AugmentConfig } from '../protocol/protocol.js';

export function isIdentity(config: AugmentConfig): boolean {
  return !config.flip && Object.values(config).every((value) => value === 0 || value === false);
}

/**
 * Changes image, boxes and mask together: pure in (seed, sample, draw). A share `x` of scale, contrast or gamma stands for the range 1 - x .. 1 / (1 - x).
 */
export function augmentImage(image: PreparedImage, config: AugmentConfig, seed: number, draw: number): PreparedImage {
  const range = (share: number): readonly [number, number] => [1 - share, 1 / (1 - share)];
  const { sample, pixels, size, boxes, mask } = image;
  const changed = augment(
    { image: { width: size, height: size, data: pixels }, boxes: boxes === undefined ? undefined : [...boxes], mask },
    {
      flip: config.flip ? 0.5 : 0,
      rotation: config.rotate,
      scale: range(config.scale),
      translate: config.translate,
      gamma: range(config.gamma),
      contrast: range(config.contrast),
      brightness: config.brightness,
      crop: config.crop,
      elastic: config.elastic,
      grid: config.grid,
      optical: config.optical,
      clahe: config.clahe,
      noise: config.noise,
    },
    createRandom(seed, 'augment', sample.dataset, sample.id, draw),
  );
  return {
    ...image,
    pixels: changed.image.data,
    ...(boxes === undefined ? {} : { boxes: changed.boxes }),
    ...(changed.mask === undefined ? {} : { mask: changed.mask }),
  };
}
