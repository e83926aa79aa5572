import { augmentInto, createRandom } from '@multichexnet/imaging';
import type { InputLabels, PreparedImage } from '../data/prepared-image.js';
import type { AugmentConfig } from '../protocol/protocol.js';

export function isIdentity(config: AugmentConfig): boolean {
  return !config.flip && Object.values(config).every((value) => value === 0 || value === false);
}

/**
 * Changes image, boxes and mask together: pure in (seed, sample, draw). A share `x` of scale, contrast or gamma stands for the range 1 - x .. 1 / (1 - x).
 * @param out takes the image, grey 0..1, [size * size]
 */
export function augmentImage(
  { sample, pixels, size, boxes, mask }: PreparedImage,
  config: AugmentConfig,
  seed: number,
  draw: number,
  out: Float32Array,
): InputLabels {
  const range = (share: number): readonly [number, number] => [1 - share, 1 / (1 - share)];
  const changed = augmentInto(
    { image: { width: size, height: size, data: pixels }, boxes, mask },
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
    out,
  );
  return {
    ...(boxes === undefined ? {} : { boxes: changed.boxes }),
    ...(changed.mask === undefined ? {} : { mask: changed.mask }),
  };
}
