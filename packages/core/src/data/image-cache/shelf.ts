import { crc32 } from 'node:zlib';
import type { Box } from '@multichexnet/imaging';
import type { PreparedPixels } from '../prepared-image.js';
import type { Preprocessing } from '../preprocessing.js';
import { ShardFolder, type FoundRecord } from './shard-folder.js';

/** Bytes behind the pixels that say what part of the film they show: x, y, width and height, u32 little endian. */
const PLACE_BYTES = 16;

/** The images of one preprocessing in a cache, by what they were made from. */
export class Shelf {
  private readonly shards: ShardFolder;
  private readonly preprocessing: Preprocessing;
  private readonly bySource = new Map<string, FoundRecord>();
  private readonly byContent = new Map<string, FoundRecord>();
  private passing: Uint8Array | undefined;

  constructor(folder: string, preprocessing: Preprocessing) {
    this.preprocessing = preprocessing;
    this.shards = new ShardFolder(folder, this.pixelBytes + this.placeBytes);
    this.refresh();
  }

  private get pixelBytes(): number {
    return this.preprocessing.size ** 2;
  }

  private get placeBytes(): number {
    return this.preprocessing.crop === undefined ? 0 : PLACE_BYTES;
  }

  get bytes(): number {
    return this.shards.bytes;
  }

  /** Takes in what others have added. */
  refresh(): void {
    for (const record of this.shards.newRecords()) this.remember(record);
  }

  /** @param passing whether the pixels may be overwritten by the next that are found */
  findSource(source: Buffer, passing = false): PreparedPixels | undefined {
    return this.verified(this.bySource.get(key(source)), passing);
  }

  /** @param source another name to give it, so that it is found without reading the file next time */
  findContent(content: Buffer, source?: Buffer): PreparedPixels | undefined {
    const record = this.byContent.get(key(content));
    const pixels = this.verified(record);
    if (record === undefined || pixels === undefined || source === undefined) return pixels;
    const { shard, slot, width, height, checksum } = record;
    this.remember(this.shards.addRecord({ shard, slot, width, height, checksum, content, source }));
    return pixels;
  }

  /** @param source absent where the file cannot be known by it yet */
  add({ pixels, width, height, shown }: PreparedPixels, content: Buffer, source: Buffer = UNKNOWN): void {
    const bytes = shown === undefined ? pixels : Buffer.concat([pixels, encodePlace(shown)]);
    this.remember(this.shards.add(bytes, { width, height, content, source, checksum: crc32(bytes) }));
  }

  close(): void {
    this.shards.close();
  }

  private remember(record: FoundRecord): void {
    this.byContent.set(key(record.content), record);
    if (!record.source.equals(UNKNOWN)) this.bySource.set(key(record.source), record);
  }

  /** A record whose pixels are not what they were is erased. */
  private verified(record: FoundRecord | undefined, passing = false): PreparedPixels | undefined {
    if (record === undefined) return undefined;
    const length = this.pixelBytes + this.placeBytes;
    // Else on shared memory, so that it goes to another thread as it is.
    const bytes = passing ? (this.passing ??= new Uint8Array(length)) : new Uint8Array(new SharedArrayBuffer(length));
    if (this.shards.readPixels(record, bytes) && crc32(bytes) === record.checksum) {
      const { width, height } = record;
      const pixels = bytes.subarray(0, this.pixelBytes);
      return {
        pixels,
        width,
        height,
        ...(this.placeBytes === 0 ? {} : { shown: decodePlace(bytes, this.pixelBytes) }),
      };
    }
    this.shards.erase(record);
    for (const [map, name] of [
      [this.bySource, record.source],
      [this.byContent, record.content],
    ] as const)
      if (map.get(key(name)) === record) map.delete(key(name));
    return undefined;
  }
}

function encodePlace({ x, y, width, height }: Box): Buffer {
  const place = Buffer.alloc(PLACE_BYTES);
  [x, y, width, height].forEach((value, i) => place.writeUInt32LE(value, 4 * i));
  return place;
}

function decodePlace(bytes: Uint8Array, at: number): Box {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, PLACE_BYTES);
  const [x, y, width, height] = [0, 4, 8, 12].map((offset) => view.getUint32(offset, true)) as [
    number,
    number,
    number,
    number,
  ];
  return { x, y, width, height };
}

const UNKNOWN: Buffer = Buffer.alloc(32);

function key(hash: Buffer): string {
  return hash.toString('latin1');
}
