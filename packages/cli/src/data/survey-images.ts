import { mapLimit, type DataProblem, type Logger, type Sample } from '@multichexnet/core';
import { differenceHash, ImagingError, readGreyImage } from '@multichexnet/imaging';
import { isAbsolute, relative } from 'node:path';

/** What decoding one image said of it. */
export interface SurveyedImage {
  readonly width: number;
  readonly height: number;
  /** `png`, `jpeg`, `dicom`. */
  readonly format: string;
  /** Of 256 bits, in hexadecimal digits. */
  readonly hash: string;
}

export interface Survey {
  /** By position of the sample; undefined where the file is broken. */
  readonly images: readonly (SurveyedImage | undefined)[];
  readonly problems: readonly DataProblem[];
}

/** Files decoded at a time: decoding happens in libvips' own threads while the next file is read. */
const READERS = 8;

/** Decodes every image of a root once: its size and perceptual hash, or what is wrong with it, and what is odd about it. */
export async function surveyImages(samples: readonly Sample[], root: string, logger: Logger): Promise<Survey> {
  let done = 0;
  const problems: DataProblem[] = [];
  const images = await mapLimit(samples, READERS, async ({ image }): Promise<SurveyedImage | undefined> => {
    try {
      const pixels = await readGreyImage(image, { chestRadiographOnly: true, thorough: true });
      if (pixels.surplus === true)
        problems.push({
          code: 'IMAGE_SURPLUS_DATA',
          file: below(root, image),
          message:
            'PNG: image data go on beyond the size that the header states, so that rows may be missing; compare the file with its source. It is read as the header says',
          warning: true,
        });
      const { width, height, format } = pixels;
      return { width, height, format, hash: differenceHash(pixels) };
    } catch (error) {
      if (!(error instanceof ImagingError)) throw error;
      problems.push({ code: error.code, file: below(root, image), message: error.reason });
      return undefined;
    } finally {
      logger.progress({ name: 'images', done: ++done, total: samples.length });
    }
  });
  const place = new Map(samples.map(({ image }, at) => [below(root, image), at]));
  problems.sort((a, b) => (place.get(a.file) ?? 0) - (place.get(b.file) ?? 0));
  return { images, problems };
}

/** Relative to the root where the file is in it. */
function below(root: string, file: string): string {
  const short = relative(root, file);
  return short.startsWith('..') || isAbsolute(short) ? file : short;
}
