import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { MultichexnetError } from '../../errors.js';
import type { ImageCacheOptions } from './image-cache.js';

/** A cache as a config names it: its folder, or folder and limit. */
export type CacheConfig = string | { readonly folder: string; readonly limit?: string };

export const DEFAULT_CACHE_LIMIT = '50 GB';

const UNITS = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
/** `50 GB`, `800MiB`; also a JSON Schema pattern. */
export const BYTE_SIZE = '^\\d+(\\.\\d+)? ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$';

/** @throws MultichexnetError CONFIG_BYTE_SIZE, CACHE_FOLDER */
export function openCache(config: CacheConfig, path: string): ImageCacheOptions {
  const { folder, limit = DEFAULT_CACHE_LIMIT } = typeof config === 'string' ? { folder: config } : config;
  const options = { folder: resolve(folder), bytes: parseByteSize(limit, path) };
  try {
    mkdirSync(options.folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new MultichexnetError('CACHE_FOLDER', `the cache folder ${options.folder} cannot be made (${code})`, {
      file: options.folder,
      path,
    });
  }
  return options;
}

function parseByteSize(text: string, path: string): number {
  if (!new RegExp(BYTE_SIZE).test(text))
    throw new MultichexnetError(
      'CONFIG_BYTE_SIZE',
      `"${text}" is no size; a number with ${Object.keys(UNITS).join(', ')} is`,
      {
        path,
      },
    );
  const unit = text.replace(/[\d. ]+/, '') as keyof typeof UNITS;
  return Math.floor(Number.parseFloat(text) * UNITS[unit]);
}
