import { readPixels } from '../prepare-image.js';
import type { ReadPixels } from '../workers/image-job.js';
import { ImageCache, type ImageCacheOptions } from './image-cache.js';

/** Reads files, through the cache where there is one. */
export function createReadPixels(options: ImageCacheOptions | undefined): ReadPixels {
  if (options === undefined) return readPixels;
  const cache = new ImageCache(options);
  return (path, preprocessing, passing) => cache.read(path, preprocessing, passing);
}
