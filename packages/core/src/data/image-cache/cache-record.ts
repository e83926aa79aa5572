import { createHash } from 'node:crypto';

/** One line of a shard's index: where the prepared image of a file's bytes lies. */
export interface CacheRecord {
  /** Shard that holds the pixels, 16 hex digits, and the place in it. */
  readonly shard: string;
  readonly slot: number;
  /** Pixels of the original image. */
  readonly width: number;
  readonly height: number;
  /** SHA-256 of the file's bytes. */
  readonly content: Buffer;
  /** SHA-256 of path and identity of the file; zeros where the file was too young to be known by them. */
  readonly source: Buffer;
  /** CRC-32 of the prepared pixels: it has to find what a disk did, nobody who would forge a cache. */
  readonly checksum: number;
}

export const RECORD_BYTES = 100;
/** `MCX2`, little endian. */
const MAGIC = 0x3258434d;
const CHECKED = 92;

/** Layout: magic, slot (u32), shard (8 bytes), width, height (u32), content, source (32 bytes each), checksum (u32), then 8 bytes of SHA-256 over all that. */
export function encodeRecord(record: CacheRecord): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(record.slot, 4);
  bytes.write(record.shard, 8, 'hex');
  bytes.writeUInt32LE(record.width, 16);
  bytes.writeUInt32LE(record.height, 20);
  record.content.copy(bytes, 24);
  record.source.copy(bytes, 56);
  bytes.writeUInt32LE(record.checksum, 88);
  sha256(bytes.subarray(0, CHECKED)).copy(bytes, CHECKED, 0, RECORD_BYTES - CHECKED);
  return bytes;
}

/** @returns undefined for a record that was erased, torn or damaged */
export function decodeRecord(bytes: Buffer): CacheRecord | undefined {
  if (bytes.length !== RECORD_BYTES || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  const own = sha256(bytes.subarray(0, CHECKED)).subarray(0, RECORD_BYTES - CHECKED);
  if (!own.equals(bytes.subarray(CHECKED))) return undefined;
  const copy = (from: number): Buffer => Buffer.from(bytes.subarray(from, from + 32));
  return {
    slot: bytes.readUInt32LE(4),
    shard: bytes.toString('hex', 8, 16),
    width: bytes.readUInt32LE(16),
    height: bytes.readUInt32LE(20),
    content: copy(24),
    source: copy(56),
    checksum: bytes.readUInt32LE(88),
  };
}

export function sha256(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
