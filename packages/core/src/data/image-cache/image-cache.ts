import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readPixels } from '../prepare-image.js';
import type { PreparedPixels } from '../prepared-image.js';
import { preprocessingName, type Preprocessing } from '../preprocessing.js';
import { sha256 } from './cache-record.js';
import { identifyFile } from './identify-file.js';
import { Shelf } from './shelf.js';

export interface ImageCacheOptions {
  readonly folder: string;
  /** Bytes that all files in it may take; what comes after is not stored. */
  readonly bytes: number;
}

/** `hit`: from the cache; `stored`: read and put there; `full`: read, no room; `failed`: read, and the cache could not be used. */
export type CacheOutcome = 'hit' | 'stored' | 'full' | 'failed';

export interface CachedPixels extends PreparedPixels {
  readonly outcome: CacheOutcome;
}

/**
 * Prepared images on disk, found by the SHA-256 of their file's bytes; a file whose path, size, inode and times are as they were is not read for that. Every
 * image is checked when it is read: what does not fit its checksum is erased and prepared anew, so a cache changes no result. A full one takes nothing more:
 * under training, which reads everything in another order each epoch, throwing out old images for new ones would leave no hits at all. Any number of threads
 * and processes may use one folder at once.
 */
export class ImageCache {
  private readonly options: ImageCacheOptions;
  private readonly shelves = new Map<string, { readonly shelf: Shelf; readonly besideBytes: number }>();

  constructor(options: ImageCacheOptions) {
    this.options = options;
  }

  /**
   * The pixels that `readPixels` gives.
   * @param passing whether they may be overwritten by the next that are read
   * @throws ImagingError as it does
   */
  async read(path: string, preprocessing: Preprocessing, passing = false): Promise<CachedPixels> {
    const file = identifyFile(path);
    // What is wrong with it is for the reader to say.
    if (file === undefined) return { ...(await readPixels(path, preprocessing)), outcome: 'failed' };
    const source = file.settled ? file.source : undefined;
    let content: Buffer;
    try {
      const { shelf } = this.open(preprocessing);
      let found = source && shelf.findSource(source, passing);
      if (found === undefined) {
        shelf.refresh();
        found = source && shelf.findSource(source, passing);
      }
      if (found !== undefined) return { ...found, outcome: 'hit' };
      content = sha256(readFileSync(path));
      found = shelf.findContent(content, source);
      if (found !== undefined) return { ...found, outcome: 'hit' };
    } catch {
      return { ...(await readPixels(path, preprocessing)), outcome: 'failed' };
    }
    const image = await readPixels(path, preprocessing);
    // Of a file that was changed meanwhile nobody knows which bytes were decoded.
    if (identifyFile(path)?.source.equals(file.source) !== true) return { ...image, outcome: 'failed' };
    return { ...image, outcome: this.store(image, preprocessing, content, source) };
  }

  close(): void {
    for (const { shelf } of this.shelves.values()) shelf.close();
    this.shelves.clear();
  }

  private open(preprocessing: Preprocessing): { readonly shelf: Shelf; readonly besideBytes: number } {
    const name = preprocessingName(preprocessing);
    let opened = this.shelves.get(name);
    if (opened === undefined) {
      const { folder } = this.options;
      const shelf = new Shelf(join(folder, name), preprocessing);
      opened = { shelf, besideBytes: bytesIn(folder, name) };
      this.shelves.set(name, opened);
    }
    return opened;
  }

  private store(image: PreparedPixels, preprocessing: Preprocessing, content: Buffer, source?: Buffer): CacheOutcome {
    try {
      const { shelf, besideBytes } = this.open(preprocessing);
      if (shelf.bytes + besideBytes + image.pixels.length > this.options.bytes) return 'full';
      shelf.add(image, content, source);
      return 'stored';
    } catch (error) {
      // ENOSPC is a limit like the other; the images come from their files.
      return (error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'full' : 'failed';
    }
  }
}

/** Of every preprocessing but one. */
function bytesIn(folder: string, except: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !join(entry.parentPath, '/').startsWith(join(folder, except, '/')))
    .reduce(
      (sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}
