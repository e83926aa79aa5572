import type { PreparedPixels } from '../prepared-image.js';
import { sha256 } from './cache-record.js';
import { ShardFolder, type FoundRecord } from './shard-folder.js';

/** The images of one preprocessing in a cache, by what they were made from. */
export class Shelf {
  private readonly shards: ShardFolder;
  private readonly imageBytes: number;
  private readonly bySource = new Map<string, FoundRecord>();
  private readonly byContent = new Map<string, FoundRecord>();

  constructor(folder: string, imageBytes: number) {
    this.imageBytes = imageBytes;
    this.shards = new ShardFolder(folder, imageBytes);
    this.refresh();
  }

  get bytes(): number {
    return this.shards.bytes;
  }

  /** Takes in what others have added. */
  refresh(): void {
    for (const record of this.shards.newRecords()) this.remember(record);
  }

  findSource(source: Buffer): PreparedPixels | undefined {
    return this.verified(this.bySource.get(key(source)));
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
  add({ pixels, width, height }: PreparedPixels, content: Buffer, source: Buffer = UNKNOWN): void {
    this.remember(this.shards.add(pixels, { width, height, content, source, checksum: sha256(pixels) }));
  }

  close(): void {
    this.shards.close();
  }

  private remember(record: FoundRecord): void {
    this.byContent.set(key(record.content), record);
    if (!record.source.equals(UNKNOWN)) this.bySource.set(key(record.source), record);
  }

  /** A record whose pixels are not what they were is erased. */
  private verified(record: FoundRecord | undefined): PreparedPixels | undefined {
    if (record === undefined) return undefined;
    // On shared memory, so that it goes to another thread as it is.
    const pixels = new Uint8Array(new SharedArrayBuffer(this.imageBytes));
    if (this.shards.readPixels(record, pixels) && sha256(pixels).equals(record.checksum))
      return { pixels, width: record.width, height: record.height };
    this.shards.erase(record);
    for (const [map, name] of [
      [this.bySource, record.source],
      [this.byContent, record.content],
    ] as const)
      if (map.get(key(name)) === record) map.delete(key(name));
    return undefined;
  }
}

const UNKNOWN: Buffer = Buffer.alloc(32);

function key(hash: Buffer): string {
  return hash.toString('latin1');
}
