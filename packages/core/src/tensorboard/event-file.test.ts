import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { EventFile, scalarTags } from './event-file.js';
import { crc32c, maskedCrc } from './masked-crc.js';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Messages of an event file, with both checksums of each record checked. */
function records(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc(bytes.subarray(at, at + 8)));
    const message = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc(message));
    messages.push(message);
    at += 16 + length;
  }
  return messages;
}

type Field = number | Buffer;
/** Fields of a message by number, in order; varints, 32 and 64 bit numbers, and bytes. */
function fields(message: Buffer): [number, Field][] {
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  const found: [number, Field][] = [];
  while (at < message.length) {
    const key = varint();
    if ((key & 7) === 0) found.push([key >> 3, varint()]);
    else if ((key & 7) === 1) found.push([key >> 3, message.readDoubleLE((at += 8) - 8)]);
    else if ((key & 7) === 5) found.push([key >> 3, message.readFloatLE((at += 4) - 4)]);
    else {
      const length = varint();
      found.push([key >> 3, message.subarray(at, (at += length))]);
    }
  }
  return found;
}

test('CRC-32C of the vectors of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

test('a file reads back: version, start, then the scalars of every step with their tags', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'events-'));
  folders.push(folder);
  const file = new EventFile(join(folder, 'tb'), 300);
  const before = Date.now() / 1000;
  await file.add(300, { 'loss/cls@rsna': 0.25, 'validation/cls.auroc': 0.75 });
  await file.add(70_000, { 'loss/total': -1.5 });
  await file.flush();
  await file.flush();
  const [name, ...others] = await readdir(join(folder, 'tb'));
  expect(others).toEqual([]);
  expect(name).toMatch(/^events\.out\.tfevents\.\d+\.multichexnet\.\d+$/);
  const events = records(await readFile(join(folder, 'tb', name!))).map(fields);
  expect(events).toHaveLength(4);
  for (const [first] of events) {
    const [wallTime, seconds] = first as [number, number];
    expect(wallTime).toBe(1);
    expect(Math.abs(seconds - before)).toBeLessThan(60);
  }
  expect(events.map(([, step]) => step)).toEqual([0, 300, 300, 70_000].map((step) => [2, step]));
  expect(events[0]![2]).toEqual([3, Buffer.from('brain.Event:2')]);
  expect([events[1]![2]![0], fields(events[1]![2]![1] as Buffer)]).toEqual([7, [[1, 1]]]);
  const scalars = events.slice(2).map((event) => {
    const [number, summary] = event[2] as [number, Field];
    expect(number).toBe(5);
    return fields(summary as Buffer).map(([, value]) => fields(value as Buffer).map(([, part]) => part));
  });
  expect(scalars).toEqual([
    [
      [Buffer.from('loss/cls@rsna'), 0.25],
      [Buffer.from('validation/cls.auroc'), 0.75],
    ],
    [[Buffer.from('loss/total'), -1.5]],
  ]);
});

test('losses stand in one group, others keep theirs', () => {
  expect(scalarTags({ total: 1, 'cls@rsna': 2, 'gradient/norm': 3 }, 0.1)).toEqual({
    'loss/total': 1,
    'loss/cls@rsna': 2,
    'gradient/norm': 3,
    learning_rate: 0.1,
  });
});
