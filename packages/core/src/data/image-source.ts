import { boxesFromMask } from '@multichexnet/imaging';
import type { LabelledInput } from '../plugin/head-plugin.js';
import { createImageServices, type ImageServices } from './image-services.js';
import { decodeMask } from './prepare-image.js';
import { labelledInput, type PreparedImage } from './prepared-image.js';
import type { Preprocessing } from './preprocessing.js';
import type { LabelledBox, SplitSample } from './sample.js';
import type { HeldImage, ImageJob, ImageResult } from './workers/image-job.js';

export interface ImageSourceOptions {
  readonly preprocessing: Preprocessing;
  /** Fit a box to every connected part of a mask where a sample has a mask and no boxes (section 4.2, joint training). */
  readonly boxesFromMasks?: { readonly minArea: number };
  /** By default reading in this thread, with 2 GiB of memory and no broken file. */
  readonly services?: ImageServices;
}

/** How the images of one batch are changed: `draws[i]` is the draw of its i-th place. */
export interface BatchAugmentation {
  readonly config: NonNullable<ImageJob['augment']>['config'];
  readonly seed: number;
  readonly draws: readonly number[];
}

/** The samples of one dataset at the model's input size, each file read once while memory has room. */
export class ImageSource {
  readonly samples: readonly SplitSample[];
  readonly preprocessing: Preprocessing;
  private readonly services: ImageServices;
  private readonly held: Map<number, HeldImage>;

  constructor(samples: readonly SplitSample[], options: ImageSourceOptions, held = new Map<number, HeldImage>()) {
    const { boxesFromMasks } = options;
    this.preprocessing = options.preprocessing;
    this.services = options.services ?? createImageServices();
    this.samples = boxesFromMasks === undefined ? samples : samples.map((sample) => fitBoxes(sample, boxesFromMasks));
    this.held = held;
  }

  /** Pixels per side of the model's input. */
  get size(): number {
    return this.preprocessing.size;
  }

  /** The same images divided otherwise; shares what is held. */
  divided(splitOf: (sample: SplitSample, index: number) => SplitSample['split']): ImageSource {
    const samples = this.samples.map((sample, index) => ({ ...sample, split: splitOf(sample, index) }));
    return new ImageSource(samples, { preprocessing: this.preprocessing, services: this.services }, this.held);
  }

  /** Indices into `samples` of one part. */
  indices(split: SplitSample['split']): number[] {
    return this.samples.flatMap((sample, index) => (sample.split === split ? [index] : []));
  }

  /** @throws ImagingError naming the file */
  async load(index: number): Promise<PreparedImage> {
    const image = this.held.get(index) ?? (await this.run(index)).prepared;
    if (image === undefined) throw new Error('a reader left out the image that was not held');
    return { ...image, sample: this.samples[index] as SplitSample };
  }

  /** Those of the images that can be read, in order. @throws the error of one that cannot, when no more may be left out */
  async loadReadable(indices: readonly number[]): Promise<PreparedImage[]> {
    const images = await Promise.all(
      indices.map(async (index) => {
        try {
          return await this.load(index);
        } catch (error) {
          this.skip(index, error);
          return undefined;
        }
      }),
    );
    return images.filter((image) => image !== undefined);
  }

  /**
   * A batch of training images; grey 0..1 goes to `out`, [b, size, size, 1] on shared memory. An image that cannot be read is replaced by the next of the
   * batch that can, with the draw of its own place.
   * @throws the error of an image, when no more may be left out or when none of the batch can be read
   */
  async readBatch(
    indices: readonly number[],
    out: Float32Array,
    augmentation?: BatchAugmentation,
  ): Promise<LabelledInput[]> {
    const place = out.length / indices.length;
    const readAt = async (i: number): Promise<LabelledInput> => {
      let failure: unknown;
      for (let k = 0; k < indices.length; k++) {
        const index = indices[(i + k) % indices.length] as number;
        try {
          const { labels } = await this.run(index, {
            out: out.subarray(i * place, (i + 1) * place),
            ...(augmentation === undefined
              ? {}
              : {
                  augment: { config: augmentation.config, seed: augmentation.seed, draw: augmentation.draws[i] ?? 0 },
                }),
          });
          return labelledInput({ sample: this.samples[index] as SplitSample, size: this.size, ...labels });
        } catch (error) {
          this.skip(index, error);
          failure = error;
        }
      }
      throw failure;
    };
    // All have ended before a failure is reported: none writes into a batch that is given up.
    const read = await Promise.allSettled(indices.map((_, i) => readAt(i)));
    return read.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  private skip(index: number, error: unknown): void {
    this.services.broken.skip(this.samples[index]?.image ?? '', error);
  }

  private async run(index: number, more: Pick<ImageJob, 'augment' | 'out'> = {}): Promise<ImageResult> {
    const sample = this.samples[index];
    if (sample === undefined) throw new RangeError(`sample ${index} of ${this.samples.length}`);
    const held = this.held.get(index);
    const { preprocessing, services } = this;
    const keep = more.out === undefined || services.memory.has(this.size ** 2);
    const job = { sample, preprocessing, keep, ...(held === undefined ? {} : { held }), ...more };
    const result = await services.reader.run(job);
    if (result.prepared !== undefined) this.hold(index, result.prepared);
    if (result.cache !== undefined) services.cache.add(result.cache);
    return result;
  }

  private hold(index: number, image: HeldImage): void {
    if (this.held.has(index)) return;
    if (this.services.memory.take(image.pixels.byteLength + (image.mask?.byteLength ?? 0))) this.held.set(index, image);
  }
}

function fitBoxes(sample: SplitSample, { minArea }: { readonly minArea: number }): SplitSample {
  const { boxes, mask } = sample.labels;
  if (boxes !== undefined || mask === undefined) return sample;
  const fitted: readonly LabelledBox[] =
    mask.rle.length === 0 ? [] : boxesFromMask(decodeMask(mask), mask.width, mask.height, minArea);
  return { ...sample, labels: { ...sample.labels, boxes: fitted } };
}
