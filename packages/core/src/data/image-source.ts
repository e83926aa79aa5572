import { boxesFromMask, decodeRle, readGreyImage, resizeArea, resizeMaskNearest } from '@multichexnet/imaging';
import type { PreparedImage } from './prepared-image.js';
import type { LabelledBox, MaskLabel, SplitSample } from './sample.js';

export interface ImageSourceOptions {
  /** Pixels per side of the model's input. */
  readonly size: number;
  /** Fit a box to every connected part of a mask where a sample has a mask and no boxes (section 4.2, joint training). */
  readonly boxesFromMasks?: { readonly minArea: number };
  /** Bytes of prepared images kept in memory. */
  readonly cacheBytes?: number;
}

const DEFAULT_CACHE_BYTES = 2 ** 31;

/** Reads the samples of one dataset at the model's input size, each file once while the cache has room. */
export class ImageSource {
  readonly samples: readonly SplitSample[];
  readonly size: number;
  private readonly cache: ImageCache;

  constructor(samples: readonly SplitSample[], options: ImageSourceOptions, cache?: ImageCache) {
    const { boxesFromMasks } = options;
    this.size = options.size;
    this.samples = boxesFromMasks === undefined ? samples : samples.map((sample) => fitBoxes(sample, boxesFromMasks));
    this.cache = cache ?? { images: new Map(), room: options.cacheBytes ?? DEFAULT_CACHE_BYTES };
  }

  /** The same images divided otherwise; shares the cache. */
  divided(splitOf: (sample: SplitSample, index: number) => SplitSample['split']): ImageSource {
    const samples = this.samples.map((sample, index) => ({ ...sample, split: splitOf(sample, index) }));
    return new ImageSource(samples, { size: this.size }, this.cache);
  }

  /** Indices into `samples` of one part. */
  indices(split: SplitSample['split']): number[] {
    return this.samples.flatMap((sample, index) => (sample.split === split ? [index] : []));
  }

  async load(index: number): Promise<PreparedImage> {
    const sample = this.samples[index];
    if (sample === undefined) throw new RangeError(`sample ${index} of ${this.samples.length}`);
    const cached = this.cache.images.get(index);
    if (cached !== undefined) return { ...cached, sample };
    const prepared = await prepareImage(sample, this.size);
    const bytes = prepared.pixels.byteLength + (prepared.mask?.byteLength ?? 0);
    if (bytes <= this.cache.room && !this.cache.images.has(index)) {
      this.cache.room -= bytes;
      this.cache.images.set(index, prepared);
    }
    return prepared;
  }
}

interface ImageCache {
  readonly images: Map<number, PreparedImage>;
  /** Bytes left. */
  room: number;
}

function fitBoxes(sample: SplitSample, { minArea }: { readonly minArea: number }): SplitSample {
  const { boxes, mask } = sample.labels;
  if (boxes !== undefined || mask === undefined) return sample;
  const fitted: readonly LabelledBox[] =
    mask.rle.length === 0 ? [] : boxesFromMask(decodeMask(mask), mask.width, mask.height, minArea);
  return { ...sample, labels: { ...sample.labels, boxes: fitted } };
}

/** Reads one image and maps its labels: the whole image is stretched to size x size, as the reference does. */
export async function prepareImage(sample: SplitSample, size: number): Promise<PreparedImage> {
  const grey = await readGreyImage(sample.image);
  const { width, height } = grey;
  const pixels = width === size && height === size ? grey.data : resizeArea(grey, size, size).data;
  const [scaleX, scaleY] = [size / width, size / height];
  const { boxes, mask } = sample.labels;
  return {
    sample,
    pixels,
    size,
    width,
    height,
    ...(boxes === undefined
      ? {}
      : {
          boxes: boxes.map((box) => ({
            x: box.x * scaleX,
            y: box.y * scaleY,
            width: box.width * scaleX,
            height: box.height * scaleY,
          })),
        }),
    ...(mask === undefined ? {} : { mask: maskAt(mask, size) }),
  };
}

function maskAt(mask: MaskLabel, size: number): Uint8Array {
  if (mask.rle.length === 0) return new Uint8Array(size * size);
  return resizeMaskNearest(decodeMask(mask), mask, { width: size, height: size });
}

/** The united mask in original pixels, row-major 0/1 [height * width]. */
export function decodeMask(mask: MaskLabel): Uint8Array {
  return decodeRle(mask.rle, { width: mask.width, height: mask.height, relative: true, order: 'column' });
}
