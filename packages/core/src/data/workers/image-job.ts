import type { AugmentConfig } from '../../protocol/protocol.js';
import { augmentImage } from '../../train/augment-image.js';
import type { CacheOutcome } from '../image-cache/image-cache.js';
import { withLabels } from '../prepare-image.js';
import type { InputLabels, PreparedImage, PreparedPixels } from '../prepared-image.js';
import type { Preprocessing } from '../preprocessing.js';
import type { SplitSample } from '../sample.js';

/** An image with everything but its sample: what crosses threads, and what memory holds. */
export type HeldImage = Omit<PreparedImage, 'sample'>;

/** One image to prepare. Plain data that a thread takes by structured clone; its arrays stand on shared memory and are not copied. */
export interface ImageJob {
  readonly sample: SplitSample;
  readonly preprocessing: Preprocessing;
  /** The prepared image where it is in memory: then no file is read. */
  readonly held?: HeldImage;
  /** Whether the prepared image is wanted back. */
  readonly keep: boolean;
  /** Where the image's grey values 0..1 go, [size * size]. */
  readonly out?: Float32Array;
  /** Changes image, boxes and mask together on the way to `out`: pure in (seed, sample, draw). */
  readonly augment?: { readonly config: AugmentConfig; readonly seed: number; readonly draw: number };
}

export interface ImageResult {
  /** Before augmentation, where it was wanted and not held. */
  readonly prepared?: HeldImage;
  /** After augmentation. */
  readonly labels: InputLabels;
  /** What the cache did, where one was asked. */
  readonly cache?: CacheOutcome;
}

/** Reads the pixels of a file: from the file itself, or from a cache in front of it. `passing`: they may be overwritten by the next that are read. */
export type ReadPixels = (
  path: string,
  preprocessing: Preprocessing,
  passing?: boolean,
) => Promise<PreparedPixels & { readonly outcome?: CacheOutcome }>;

/**
 * Pure in the job and the bytes of its file: every thread gives the same.
 * @param alone whether no other job runs in this thread meanwhile
 * @throws ImagingError naming the file
 */
export async function runImageJob(job: ImageJob, read: ReadPixels, alone = false): Promise<ImageResult> {
  const { sample, preprocessing, held, keep, augment, out } = job;
  const pixels = held ?? (await read(sample.image, preprocessing, alone && !keep));
  const image = held === undefined ? withLabels(sample, pixels, preprocessing) : { ...held, sample };
  const seen =
    out === undefined || augment === undefined
      ? image
      : augmentImage(image, augment.config, augment.seed, augment.draw, out);
  if (out !== undefined && augment === undefined) greys(pixels.pixels, out);
  return {
    ...(held === undefined && keep ? { prepared: withoutSample(shared(image)) } : {}),
    ...('outcome' in pixels ? { cache: pixels.outcome } : {}),
    labels: labelsOf(seen.mask === undefined ? seen : { ...seen, mask: sharedBytes(seen.mask) }),
  };
}

function greys(bytes: Uint8Array, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = (bytes[i] as number) / 255;
}

function withoutSample({ pixels, size, width, height, shown, boxes, mask }: PreparedImage): HeldImage {
  const place = shown === undefined ? {} : { shown };
  return { pixels, size, width, height, ...place, ...labelsOf({ boxes, mask }) };
}

function labelsOf({ boxes, mask }: { [K in keyof InputLabels]: InputLabels[K] | undefined }): InputLabels {
  return { ...(boxes === undefined ? {} : { boxes }), ...(mask === undefined ? {} : { mask }) };
}

function shared(image: PreparedImage): PreparedImage {
  return {
    ...image,
    pixels: sharedBytes(image.pixels),
    ...(image.mask === undefined ? {} : { mask: sharedBytes(image.mask) }),
  };
}

/** The same bytes on memory that threads share. */
function sharedBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
