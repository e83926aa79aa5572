import { pasteMap, resizeBilinear } from '@multichexnet/imaging';
import * as tf from '@tensorflow/tfjs';
import type { PreparedPixels } from '../data/prepared-image.js';
import type { Engine } from '../engine/engine.js';
import { MultichexnetError } from '../errors.js';
import { applyHead, encodeImages } from '../model/forward.js';
import type { HeadModule, ModelPool } from '../model/network.js';
import { suggestion } from '../plugin/nearest.js';
import { explanationOf, levelsRead, targetPlace } from './explanation.js';

/** Where a network looked. */
export interface HeatMap {
  /** 0..1 with a maximum of 1, or all 0 where nothing speaks for the target; row-major, [height * width]. */
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
}

export interface ExplainedImage {
  readonly image: Pick<PreparedPixels, 'pixels'> & Partial<PreparedPixels> & { readonly size: number };
  /** One of the head's targets. */
  readonly target: string;
}

export interface GradCam {
  /** What can be asked: a classifier's classes; `output` for a head that does not say. */
  readonly targets: readonly string[];
  /** Name of the encoder's level that the maps are of. */
  readonly level: string;
  /**
   * A map of the level's cells for every image, in order; where borders were cut off, one of the original image's pixels, 0 outside of what the input shows.
   * @throws MultichexnetError EXPLAIN_TARGET_UNKNOWN
   */
  run(images: readonly ExplainedImage[]): Promise<HeatMap[]>;
  dispose(): void;
}

export interface GradCamOptions {
  /** Name of a level of the encoder that the head reads; by default the deepest of them. */
  readonly level?: string;
  /** Images in one native call, default 1. A short batch is padded, so that one trace serves all images and targets. */
  readonly batchSize?: number;
}

/**
 * Grad-CAM (Selvaraju et al. 2017) of one head. With A [h, w, c] the level's features and y the head's score of the target: channel weights are the mean over
 * the cells of dy/dA (eq. 1), the map is relu of the weighted sum over channels (eq. 2), divided by its maximum. Batch norm and dropout are at inference.
 *
 * @throws MultichexnetError EXPLAIN_LEVEL_UNKNOWN for a level that the head does not read
 */
export function createGradCam(
  engine: Engine,
  pool: ModelPool,
  head: HeadModule,
  { level, batchSize = 1 }: GradCamOptions = {},
): GradCam {
  const { encoder, inputSize } = pool;
  const explanation = explanationOf(head);
  const { targets } = explanation;
  const place = levelPlace(pool, head, level);
  const explain = ([images, chosen]: tf.Tensor[]): tf.Tensor[] => {
    const features = encodeImages(encoder, images as tf.Tensor, false);
    const read = features[place] as tf.Tensor; // [b, h, w, c]
    // The sum over the batch: no image's score depends on another's features, so that each gets its own gradient.
    const score = (x: tf.Tensor): tf.Tensor =>
      explanation
        .scores(applyHead(head, features.with(place, x), false))
        .mul(chosen as tf.Tensor)
        .sum();
    const weights = tf.grad(score)(read).mean([1, 2], true); // [b, 1, 1, c], eq. 1
    const map = read.mul(weights).sum(3).relu(); // [b, h, w], eq. 2
    return [map.divNoNan(map.max([1, 2], true))];
  };
  const compiled = engine.compile(`explain ${head.name}`, explain);
  const runBatch = async (batch: readonly ExplainedImage[]): Promise<HeatMap[]> => {
    const pixels = new Float32Array(batchSize * inputSize * inputSize);
    const chosen = new Float32Array(batchSize * targets.length);
    batch.forEach(({ image, target }, b) => {
      chosen[b * targets.length + targetPlace(head.name, { targets }, target)] = 1;
      image.pixels.forEach((value, i) => (pixels[b * inputSize * inputSize + i] = value / 255));
    });
    const inputs = [
      tf.tensor(pixels, [batchSize, inputSize, inputSize, 1]),
      tf.tensor(chosen, [batchSize, targets.length]),
    ];
    try {
      const [maps] = (await compiled.run(inputs)) as [tf.Tensor];
      const [, height = 0, width = 0] = maps.shape;
      const values = await maps.data<'float32'>();
      maps.dispose();
      return batch.map(({ image }, b) =>
        onFilm({ values: values.slice(b * width * height, (b + 1) * width * height), width, height }, image),
      );
    } finally {
      tf.dispose(inputs);
    }
  };
  return {
    targets,
    level: pool.levels[place]?.name ?? '',
    run: async (images) => {
      const maps: HeatMap[] = [];
      for (let at = 0; at < images.length; at += batchSize)
        maps.push(...(await runBatch(images.slice(at, at + batchSize))));
      return maps;
    },
    dispose: () => compiled.dispose(),
  };
}

function onFilm(map: HeatMap, { shown, width, height }: Partial<PreparedPixels>): HeatMap {
  if (shown === undefined || width === undefined || height === undefined) return map;
  const part = resizeHeatMap(map, shown.width, shown.height);
  return { values: pasteMap(part.values, shown, { width, height }), width, height };
}

/** A map at another size, bilinear. The input is the whole image, stretched, so that this leads to pixels of the original image in one go. */
export function resizeHeatMap({ values, ...size }: HeatMap, width: number, height: number): HeatMap {
  return { values: resizeBilinear({ ...size, data: values }, width, height).data, width, height };
}

function levelPlace(pool: ModelPool, head: HeadModule, wanted: string | undefined): number {
  const read = levelsRead(head);
  const nameOf = (place: number): string => pool.levels[place]?.name ?? '';
  const place = wanted === undefined ? read.at(-1) : read.find((candidate) => nameOf(candidate) === wanted);
  if (place !== undefined) return place;
  const reads = read.length === 0 ? 'it reads none of the levels' : suggestion(wanted ?? '', read.map(nameOf));
  throw new MultichexnetError(
    'EXPLAIN_LEVEL_UNKNOWN',
    `head "${head.name}" does not read ${wanted === undefined ? 'any level of the encoder' : `level "${wanted}"`}; ${reads}`,
  );
}
