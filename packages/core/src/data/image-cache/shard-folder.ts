import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { decodeRecord, encodeRecord, RECORD_BYTES, type CacheRecord } from './cache-record.js';

/** A record with the place that it stands at. */
export interface FoundRecord extends CacheRecord {
  readonly index: string;
  readonly line: number;
}

interface OpenShard {
  readonly index: number;
  readonly pixels: number;
  /** Records of the index that have been read. */
  lines: number;
}

const SHARD_BYTES = 2 ** 30;
const INDEX = '.index';

/**
 * The shards of one preprocessing: `<id>.pixels` with prepared images of one size one after the other, and `<id>.index` with their records. Every writer
 * appends to shards of its own and changes nobody else's but by erasing a record that is wrong, so any number of threads and processes may use the folder at
 * once. A record is written after its pixels; what a crash leaves half-written is never found.
 */
export class ShardFolder {
  private readonly folder: string;
  /** Bytes of one prepared image. */
  private readonly imageBytes: number;
  private readonly shards = new Map<string, OpenShard>();
  private own: { readonly id: string; readonly shard: OpenShard; slots: number; lines: number } | undefined;

  constructor(folder: string, imageBytes: number) {
    this.folder = folder;
    this.imageBytes = imageBytes;
    mkdirSync(folder, { recursive: true });
  }

  /** Records that anyone has added since the last call. */
  *newRecords(): Generator<FoundRecord> {
    for (const file of readdirSync(this.folder).sort()) {
      if (!file.endsWith(INDEX)) continue;
      const id = file.slice(0, -INDEX.length);
      const shard = this.shards.get(id) ?? this.open(id, 'r+');
      if (shard === undefined) continue;
      const lines = Math.floor(fstatSync(shard.index).size / RECORD_BYTES);
      if (lines <= shard.lines) continue;
      const bytes = Buffer.alloc((lines - shard.lines) * RECORD_BYTES);
      const read = readSync(shard.index, bytes, 0, bytes.length, shard.lines * RECORD_BYTES);
      for (let at = 0; at + RECORD_BYTES <= read; at += RECORD_BYTES) {
        const line = shard.lines++;
        const record = decodeRecord(bytes.subarray(at, at + RECORD_BYTES));
        if (record !== undefined) yield { ...record, index: id, line };
      }
    }
  }

  /** Bytes of all shards that are known. */
  get bytes(): number {
    let sum = 0;
    for (const { index, pixels } of this.shards.values()) sum += fstatSync(index).size + fstatSync(pixels).size;
    return sum;
  }

  /** @returns false when the shard is gone or shorter than its record says */
  readPixels({ shard: id, slot }: CacheRecord, into: Uint8Array): boolean {
    const shard = this.shards.get(id) ?? this.open(id, 'r+');
    if (shard === undefined) return false;
    return readSync(shard.pixels, into, 0, into.length, slot * this.imageBytes) === into.length;
  }

  /** Makes a record unfindable for everyone. */
  erase({ index, line }: FoundRecord): void {
    const shard = this.shards.get(index);
    if (shard !== undefined) writeSync(shard.index, Buffer.alloc(4), 0, 4, line * RECORD_BYTES);
  }

  /** Appends pixels with their record. @throws what the file system says, a full disk for instance */
  add(pixels: Uint8Array, record: Omit<CacheRecord, 'shard' | 'slot'>): FoundRecord {
    const own = this.writable();
    writeFully(own.shard.pixels, pixels, own.slots * this.imageBytes);
    const added = this.addRecord({ ...record, shard: own.id, slot: own.slots });
    own.slots++;
    return added;
  }

  /** Another name for pixels that are there. */
  addRecord(record: CacheRecord): FoundRecord {
    const own = this.writable();
    writeFully(own.shard.index, encodeRecord(record), own.lines * RECORD_BYTES);
    return { ...record, index: own.id, line: own.lines++ };
  }

  close(): void {
    for (const { index, pixels } of this.shards.values()) {
      closeSync(index);
      closeSync(pixels);
    }
    this.shards.clear();
    this.own = undefined;
  }

  private writable(): NonNullable<ShardFolder['own']> {
    if (this.own !== undefined && (this.own.slots + 1) * this.imageBytes <= SHARD_BYTES) return this.own;
    const id = randomBytes(8).toString('hex');
    const shard = this.open(id, 'wx+');
    if (shard === undefined) throw new Error(`${join(this.folder, id)} cannot be made`);
    this.own = { id, shard, slots: 0, lines: 0 };
    return this.own;
  }

  /** @returns undefined for a shard that is gone, or not whole yet */
  private open(id: string, flags: 'r+' | 'wx+'): OpenShard | undefined {
    let pixels: number | undefined;
    try {
      // Pixels first: who sees the index finds them.
      pixels = openSync(join(this.folder, `${id}.pixels`), flags);
      const shard = { pixels, index: openSync(join(this.folder, id + INDEX), flags), lines: 0 };
      this.shards.set(id, shard);
      return shard;
    } catch (error) {
      if (pixels !== undefined) closeSync(pixels);
      if (flags === 'r+' && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

function writeFully(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, position + done);
}
