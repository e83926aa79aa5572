import { ImagingError } from '@multichexnet/imaging';
import { isMultichexnetError } from '../errors.js';
import type { Logger } from '../log/logger.js';
import { createReadPixels } from './image-cache/create-read-pixels.js';
import type { CacheOutcome, ImageCacheOptions } from './image-cache/image-cache.js';
import { DataWorkers } from './workers/data-workers.js';
import { inlineReader, type ImageReader } from './workers/image-reader.js';

/** What all image sources of a run share. */
export interface ImageServices {
  readonly reader: ImageReader;
  readonly memory: MemoryBudget;
  readonly broken: BrokenFiles;
  readonly cache: CacheTally;
}

/** Bytes that prepared images may take in memory, in all sources together. */
export class MemoryBudget {
  private left: number;

  constructor(bytes = 2 ** 31) {
    this.left = bytes;
  }

  has(bytes: number): boolean {
    return bytes <= this.left;
  }

  /** Whether there was room. */
  take(bytes: number): boolean {
    if (bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }
}

/** A file that could not be read and was left out. */
export interface LeftOutFile {
  readonly file: string;
  readonly code: string;
  readonly message: string;
}

/** Several lists as one in the order of the names, each file once. */
export function joinLeftOut(lists: readonly (readonly LeftOutFile[])[]): LeftOutFile[] {
  const byFile = new Map(lists.flat().map((left) => [left.file, left]));
  return [...byFile.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Files that could not be read, each counted once. */
export class BrokenFiles {
  private readonly files = new Map<string, LeftOutFile>();
  private readonly limit: number;
  private readonly logger: Logger | undefined;

  constructor(limit = 0, logger?: Logger) {
    this.limit = limit;
    this.logger = logger;
  }

  get count(): number {
    return this.files.size;
  }

  /** In the order of their names, whichever thread came upon them first. */
  list(): LeftOutFile[] {
    return joinLeftOut([[...this.files.values()]]);
  }

  /** Counts a file that its error makes unusable. @throws that error when it is another kind of failure, or when there are more such files than may be skipped */
  skip(file: string, error: unknown): void {
    if (!isBroken(error) || (!this.files.has(file) && this.files.size >= this.limit)) throw error;
    if (this.files.has(file)) return;
    this.files.set(file, { file, code: error.code, message: error.message });
    this.logger?.warn(`left out: ${error.code} ${error.message} (${this.files.size} of at most ${this.limit})`);
  }
}

/** How often the cache on disk helped. */
export class CacheTally {
  readonly counts: Record<CacheOutcome, number> = { hit: 0, stored: 0, full: 0, failed: 0 };
  private readonly options: ImageCacheOptions | undefined;
  private readonly logger: Logger | undefined;

  constructor(options?: ImageCacheOptions, logger?: Logger) {
    this.options = options;
    this.logger = logger;
  }

  add(outcome: CacheOutcome): void {
    this.counts[outcome]++;
    if (this.counts[outcome] > 1 || this.options === undefined) return;
    const { folder, bytes } = this.options;
    if (outcome === 'full')
      this.logger?.warn(
        `the cache ${folder} holds its ${bytes} bytes, or its disk is full: further images are read from their files`,
      );
    if (outcome === 'failed')
      this.logger?.warn(`the cache ${folder} cannot be used for some images: they are read from their files`);
  }
}

/** What a file can be blamed for; anything else is a failure of the program or the machine. */
function isBroken(error: unknown): error is Error & { readonly code: string } {
  return error instanceof ImagingError || (isMultichexnetError(error) && error.code === 'DATA_WORKER_LOST');
}

export interface ImageServicesOptions {
  /** Threads that prepare images; 0 = the calling thread. */
  readonly workers?: number;
  readonly memoryBytes?: number;
  /** Files that may be left out. */
  readonly maxBroken?: number;
  /** Prepared images on disk; absent = none. */
  readonly cache?: ImageCacheOptions;
  readonly logger?: Logger;
}

/** `reader.close()` ends the threads. */
export function createImageServices(options: ImageServicesOptions = {}): ImageServices {
  const { workers = 0, memoryBytes, maxBroken, cache, logger } = options;
  const workerData = cache === undefined ? {} : { cache };
  return {
    reader: workers === 0 ? inlineReader(createReadPixels(cache)) : new DataWorkers({ count: workers, workerData }),
    memory: new MemoryBudget(memoryBytes),
    broken: new BrokenFiles(maxBroken, logger),
    cache: new CacheTally(cache, logger),
  };
}
