import {
  mapLimit,
  MultichexnetError,
  type CacheOutcome,
  type DataProblem,
  type ImageServices,
  type Logger,
  type Preprocessing,
  type Sample,
} from '@multichexnet/core';
import { ImagingError } from '@multichexnet/imaging';
import { relative } from 'node:path';

export interface FillRequest {
  readonly samples: readonly Sample[];
  readonly root: string;
  readonly preprocessing: Preprocessing;
  readonly services: ImageServices;
  /** Images under way at once. */
  readonly ahead: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface FillReport {
  readonly images: number;
  /** Images by what the cache did with them. */
  readonly outcomes: Readonly<Record<CacheOutcome, number>>;
  readonly problems: readonly DataProblem[];
}

/**
 * Reads every image through the cache. What is there already is checked and left.
 * @throws MultichexnetError INTERRUPTED
 */
export async function fillCache(request: FillRequest): Promise<FillReport> {
  const { samples, root, preprocessing, services, logger, signal } = request;
  const { counts } = services.cache;
  let done = 0;
  const problems = await mapLimit(samples, request.ahead, async (sample): Promise<DataProblem[]> => {
    if (signal.aborted) return [];
    try {
      const { cache } = await services.reader.run({
        sample: { ...sample, split: 'train' },
        preprocessing,
        keep: false,
      });
      if (cache !== undefined) services.cache.add(cache);
      return [];
    } catch (error) {
      if (!(error instanceof ImagingError)) throw error;
      return [{ code: error.code, file: relative(root, sample.image), message: error.reason }];
    } finally {
      const detail = counts.hit > 0 ? `${counts.hit} were there` : undefined;
      logger.progress({
        name: 'images',
        done: ++done,
        total: samples.length,
        ...(detail === undefined ? {} : { detail }),
      });
    }
  });
  if (signal.aborted)
    throw new MultichexnetError(
      'INTERRUPTED',
      `stopped after ${counts.hit + counts.stored} of ${samples.length} images; the same command goes on from there`,
    );
  return { images: samples.length, outcomes: { ...counts }, problems: problems.flat() };
}
