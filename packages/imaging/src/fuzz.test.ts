import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goldenImages, goldenPixels } from './golden-files.js';
import { createRandom, decodeGreyImage, ImagingError, readDicomHeader, readDicomPixels, type Random } from './index.js';

const mutants = Number(process.env['MULTICHEXNET_FUZZ'] ?? 5000);
const limits = { pixels: 4_000_000 };

/** One to four damages: a flipped bit, a byte of a telling value, a cut, bytes taken out, doubled or overwritten. */
function mutate(seed: Uint8Array, random: Random): Uint8Array {
  let bytes = Array.from(seed);
  for (let n = 1 + random.int(4); n > 0 && bytes.length > 0; n--) {
    const at = random.int(bytes.length);
    switch (random.int(7)) {
      case 0:
        bytes[at] = bytes[at]! ^ (1 << random.int(8));
        break;
      case 1:
        bytes[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][random.int(6)]!;
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        bytes.splice(at, 1 + random.int(8));
        break;
      case 4:
        bytes.splice(at, 0, ...bytes.slice(at, at + 1 + random.int(16)));
        break;
      case 5:
        for (let i = 0; i < 4 && at + i < bytes.length; i++) bytes[at + i] = random.int(2) === 0 ? 0xff : 0;
        break;
      case 6:
        bytes[at] = random.int(256);
        break;
    }
  }
  return Uint8Array.from(bytes);
}

const formats = ['png', 'jpeg', 'dicom', 'compressed dicom'] as const;

describe.each(formats)('%s', (format) => {
  test(`${mutants} damaged files: an ImagingError or an image of the size it says`, async () => {
    const seeds = format === 'compressed dicom' ? goldenPixels() : goldenImages(format);
    const refused = new Map<string, number>();
    let read = 0;
    let slowest = 0;
    for (let i = 0; i < mutants; i++) {
      const random = createRandom(1, 'fuzz', format, i);
      const bytes = mutate(seeds[random.int(seeds.length)]!.bytes, random);
      const started = performance.now();
      try {
        const image = await decodeGreyImage(bytes, { limits });
        expect(image.data).toBeInstanceOf(Uint8Array);
        expect(image.data).toHaveLength(image.width * image.height);
        read++;
      } catch (thrown) {
        if (!(thrown instanceof ImagingError)) throw new Error(`mutant ${i} threw no ImagingError`, { cause: thrown });
        if (thrown.cause instanceof TypeError || thrown.cause instanceof ReferenceError) {
          throw new Error(`mutant ${i} ran into a defect of the reader`, { cause: thrown.cause });
        }
        refused.set(thrown.code, (refused.get(thrown.code) ?? 0) + 1);
      }
      slowest = Math.max(slowest, performance.now() - started);
    }
    expect(slowest).toBeLessThan(2000);
    expect(read).toBeGreaterThan(0);
    expect(refused.size).toBeGreaterThan(1);
    if (process.env['MULTICHEXNET_FUZZ'] !== undefined)
      process.stdout.write(
        `${format}: ${read} read, refused ${JSON.stringify([...refused])}, slowest ${slowest.toFixed(0)} ms\n`,
      );
  }, 300_000);
});

test('damage inside compressed streams alone: an ImagingError or an image of the same size, in time', async () => {
  const seeds = goldenPixels().filter(({ name }) => !/allocated/.test(name));
  const outcomes = new Map<string, number>();
  let slowest = 0;
  for (let i = 0; i < mutants / 5; i++) {
    const random = createRandom(3, 'streams', i); // a codec that failed is loaded anew, which takes its time
    const seed = seeds[random.int(seeds.length)]!;
    const bytes = seed.bytes.slice();
    const start = Buffer.from(bytes.buffer).lastIndexOf(Buffer.from('feff00e0', 'hex')) + 8;
    for (let n = 1 + random.int(8); n > 0; n--) {
      const at = start + random.int(random.int(2) === 0 ? 100 : bytes.length - start - 8); // half of them in the stream's headers
      if (at < bytes.length - 8) bytes[at] = random.int(2) === 0 ? random.int(256) : bytes[at]! ^ (1 << random.int(8));
    }
    const started = performance.now();
    const outcome = await readDicomPixels(bytes, 'stored', limits).catch((thrown: unknown) => thrown);
    slowest = Math.max(slowest, performance.now() - started);
    if (outcome instanceof Error && !(outcome instanceof ImagingError)) throw outcome;
    const code = outcome instanceof ImagingError ? outcome.code : 'read';
    outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
    if (code === 'read') expect((outcome as { data: { length: number } }).data.length).toBe(seed.stored.length);
  }
  expect(slowest).toBeLessThan(5000); // a hang, not a speed
  expect(outcomes.get('read')).toBeGreaterThan(0);
  expect(outcomes.get('CODEC_FAILED')).toBeGreaterThan(0);
  if (process.env['MULTICHEXNET_FUZZ'] !== undefined)
    process.stdout.write(`streams: ${JSON.stringify([...outcomes])}, slowest ${slowest.toFixed(0)} ms\n`);
}, 300_000);

test('a damaged PNG is never read as other pixels: every chunk has a checksum', async () => {
  const seeds = goldenImages('png').filter(({ name }) => name !== 'bytes after the end');
  let read = 0;
  for (let i = 0; i < mutants; i++) {
    const random = createRandom(2, 'png', i);
    const seed = seeds[random.int(seeds.length)]!;
    const bytes = seed.bytes.slice();
    const at = random.int(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random.int(8));
    const image = await decodeGreyImage(bytes, { limits }).catch((thrown: unknown) => thrown);
    if (image instanceof ImagingError) continue;
    read++;
    expect((image as { data: Uint8Array }).data).toEqual(seed.expected);
  }
  expect(read).toBe(0);
}, 300_000);

test('a DICOM cut at any byte is refused, header and pixels alike', async () => {
  for (const name of [
    '8 bit, Implicit VR Little Endian',
    '12 bit, Explicit VR Little Endian',
    '8 bit, big endian, OW',
    'JPEG grey, 3 fragments',
    'RLE 8 bit',
  ]) {
    const { bytes } = goldenImages('dicom').find((image) => image.name === name)!;
    for (let length = 0; length < bytes.length; length++) {
      const outcome = await decodeGreyImage(bytes.subarray(0, length), { limits }).catch((thrown: unknown) => thrown);
      expect(outcome, `${name} cut to ${length} of ${bytes.length}`).toBeInstanceOf(ImagingError);
    }
  }
}, 120_000);

test('a JPEG cut at any byte is refused, what follows its end is ignored', async () => {
  const named = ['grey baseline', 'grey progressive', 'colour 4:2:0', 'CMYK'];
  const seeds = goldenImages('jpeg').filter(({ name }) => named.includes(name));
  expect(seeds).toHaveLength(named.length);
  for (const { name, bytes, expected } of seeds) {
    for (let length = 0; length < bytes.length; length++) {
      const outcome = await decodeGreyImage(bytes.subarray(0, length)).catch((thrown: unknown) => thrown);
      expect(outcome, `${name} cut to ${length} of ${bytes.length}`).toBeInstanceOf(ImagingError);
    }
    const longer = await decodeGreyImage(Buffer.concat([bytes, Buffer.from('and more')]));
    expect(longer.data).toHaveLength(expected.length);
  }
}, 120_000);

const root = process.env['MULTICHEXNET_DATA'] ?? join(import.meta.dirname, '../../../../shared/data/dev');
const killer = join(root, '../fuzz/dcmjs-oom-786B.dcm');
if (!existsSync(killer)) process.stdout.write('skipped: real data not found\n');

test.skipIf(!existsSync(killer))('the 786 bytes that exhaust another reader’s heap are refused at once', async () => {
  const bytes = new Uint8Array(readFileSync(killer));
  const started = performance.now();
  await expect(decodeGreyImage(bytes)).rejects.toBeInstanceOf(ImagingError);
  await expect(readDicomHeader(killer)).rejects.toMatchObject({ name: 'ImagingError', path: killer });
  expect(performance.now() - started).toBeLessThan(5000); // a hang, not a speed
});
