import { maskedCrc } from './masked-crc.js';

/** What an event says: the first of a file is its version; a start tells TensorBoard to forget what it has from that step on. */
export type EventContent =
  { readonly version: string } | { readonly start: true } | { readonly scalars: Readonly<Record<string, number>> };

/**
 * One record of an event file: `tensorflow.Event` (tensorflow/core/util/event.proto: wall_time = 1, step = 2, file_version = 3, summary = 5, session_log = 7)
 * in the framing of TFRecord: length, its checksum, the message, its checksum.
 * @param seconds since 1970
 */
export function encodeEvent(seconds: number, step: number, content: EventContent): Uint8Array {
  const wallTime = Buffer.alloc(9);
  wallTime[0] = 0x09;
  wallTime.writeDoubleLE(seconds, 1);
  return frame(Buffer.concat([wallTime, Uint8Array.of(0x10, ...varint(step)), encodeContent(content)]));
}

function encodeContent(content: EventContent): Uint8Array {
  if ('version' in content) return field(3, Buffer.from(content.version));
  // SessionLog { status = 1: START = 1 }
  if ('start' in content) return field(7, Uint8Array.of(0x08, 0x01));
  // Summary { value = 1: { tag = 1, simple_value = 2 } }
  const values = Object.entries(content.scalars).map(([tag, value]) => {
    const simple = Buffer.alloc(5);
    simple[0] = 0x15;
    simple.writeFloatLE(value, 1);
    return field(1, Buffer.concat([field(1, Buffer.from(tag)), simple]));
  });
  return field(5, Buffer.concat(values));
}

function frame(message: Uint8Array): Uint8Array {
  const record = Buffer.alloc(16 + message.length);
  record.writeBigUInt64LE(BigInt(message.length), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  record.set(message, 12);
  record.writeUInt32LE(maskedCrc(message), 12 + message.length);
  return record;
}

/** A length-delimited field. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of((number << 3) | 2, ...varint(bytes.length)), bytes]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
