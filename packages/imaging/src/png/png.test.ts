import { crc32, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createRandom, decodeGreyImage, encodePngGrey, encodePngMask, ImagingError } from '../index.js';
import { hasSurplusData } from './decode-png.js';
import { filteredLength, pngChunks, readPngHeader } from './png-chunks.js';

test('what is encoded is read back; a mask becomes 0 and 255', async () => {
  const data = Uint8Array.from({ length: 35 }, (_, i) => i * 7);
  expect(await decodeGreyImage(await encodePngGrey(data, 7, 5))).toMatchObject({
    width: 7,
    height: 5,
    data,
    format: 'png',
    constant: false,
  });
  const mask = data.map((_, i) => (i % 3 === 0 ? 1 : 0));
  expect((await decodeGreyImage(await encodePngMask(mask, 7, 5))).data).toEqual(mask.map((value) => value * 255));
  await expect(encodePngGrey(data, 7, 6)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
});

test('an image of one value says so', async () => {
  expect((await decodeGreyImage(await encodePngGrey(new Uint8Array(12), 4, 3))).constant).toBe(true);
});

const rows = (count: number) => Uint8Array.from({ length: count * 5 }, (_, i) => (i % 5 === 0 ? 0 : i)); // 4 pixels a row

test.each([
  ['too few rows', png({ data: deflateSync(rows(3)) })],
  ['half a row', png({ data: deflateSync(rows(4).subarray(0, 17)) })],
  ['a cut stream', png({ data: deflateSync(rows(4)).subarray(0, -6) })],
  ['a filter that does not exist', png({ data: deflateSync(rows(4).fill(9, 5, 6)) })],
  ['no data', png({ data: new Uint8Array() })],
  ['a palette that is absent', png({ data: deflateSync(rows(4)), colour: 3 })],
  ['a palette of broken triples', png({ data: deflateSync(rows(4)), colour: 3, palette: new Uint8Array(7) })],
  ['an index beyond the palette', png({ data: deflateSync(rows(4)), colour: 3, palette: new Uint8Array(19 * 3) })],
  ['bits that no PNG has', png({ data: deflateSync(rows(4)), depth: 3 })],
  ['width 0', png({ data: deflateSync(rows(4)), width: 0 })],
])('%s: right checksums do not help', async (_, bytes) => {
  await expect(decodeGreyImage(bytes)).rejects.toMatchObject({ code: 'IMAGE_CORRUPT' });
});

test('a palette just long enough is looked up', async () => {
  const palette = Uint8Array.from({ length: 20 * 3 }, (_, i) => 255 - Math.floor(i / 3));
  const image = await decodeGreyImage(png({ data: deflateSync(rows(4)), colour: 3, palette }));
  expect([...image.data.subarray(0, 5)]).toEqual([254, 253, 252, 251, 249]);
});

test('a size over the limit is refused before anything is decoded', async () => {
  const bytes = png({ data: deflateSync(new Uint8Array(8)), width: 30_000, height: 30_000 });
  const before = process.memoryUsage().rss;
  await expect(decodeGreyImage(bytes)).rejects.toMatchObject({ code: 'IMAGE_LIMIT' });
  expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
  await expect(decodeGreyImage(png({ data: deflateSync(rows(4)) }), { limits: { pixels: 15 } })).rejects.toMatchObject({
    code: 'IMAGE_LIMIT',
  });
  await expect(decodeGreyImage(bytes, { limits: { fileBytes: 10 } })).rejects.toMatchObject({ code: 'FILE_LIMIT' });
});

test.each([
  ['GIF', 'GIF89a'],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['HEIC', '\0\0\0\x18ftypheic'],
  ['nothing', ''],
])('%s is told by its signature', async (_, text) => {
  await expect(decodeGreyImage(Buffer.from(text, 'latin1'))).rejects.toMatchObject({ code: 'IMAGE_TYPE' });
});

test('an error knows its chunk and offset', async () => {
  const bytes = png({ data: deflateSync(rows(4)) });
  bytes[45] = bytes[45]! ^ 1;
  const error = await decodeGreyImage(bytes).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ImagingError);
  expect(error).toMatchObject({ code: 'IMAGE_CORRUPT', offset: 33, reason: 'PNG: chunk IDAT has a wrong CRC' });
});

interface PngParts {
  readonly data: Uint8Array;
  readonly width?: number;
  readonly height?: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly palette?: Uint8Array;
}

function png({ data, width = 4, height = 4, depth = 8, colour = 0, palette }: PngParts): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  header[9] = colour;
  const chunks = [
    chunk('IHDR', header),
    ...(palette === undefined ? [] : [chunk('PLTE', palette)]),
    chunk('IDAT', data),
  ];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks, chunk('IEND', new Uint8Array())]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** The filters of the PNG specification, forwards. */
function filtered(pixels: Uint8Array, width: number, filters: readonly number[]): Uint8Array {
  const at = (x: number, y: number): number => (x < 0 || y < 0 ? 0 : pixels[y * width + x]!);
  return Uint8Array.from(
    filters.flatMap((filter, y) => [
      filter,
      ...Array.from({ length: width }, (_, x) => {
        const [a, b, c] = [at(x - 1, y), at(x, y - 1), at(x - 1, y - 1)];
        const distances = [b - c, a - c, a + b - 2 * c].map(Math.abs);
        const nearest = [a, b, c][distances.indexOf(Math.min(...distances))]!;
        return at(x, y) - [0, a, b, Math.floor((a + b) / 2), nearest][filter]!;
      }),
    ]),
  );
}

test('every filter in every order is undone, at the edges too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 9 }),
      fc.boolean(),
      fc.nat(),
      async (width, filters, mostlyPaeth, seed) => {
        const random = createRandom(seed, 'png');
        const own = mostlyPaeth ? filters.map((filter) => (filter === 0 ? 0 : 4)) : filters;
        const pixels = new Uint8Array(width * own.length).map(() => random.int(256));
        const size = { width, height: own.length };
        const data = deflateSync(filtered(pixels, width, own));
        expect(await decodeGreyImage(png({ ...size, data }))).toMatchObject({ ...size, data: pixels });
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});

test('image data beyond the pixels: read as the header says, told where it is asked for', async () => {
  const rows = (height: number): Uint8Array => deflateSync(new Uint8Array(5 * height).fill(0));
  const more = png({ data: rows(5) });
  expect(await decodeGreyImage(more)).toMatchObject({ width: 4, height: 4 });
  expect(await decodeGreyImage(more)).not.toHaveProperty('surplus');
  expect(await decodeGreyImage(more, { thorough: true })).toMatchObject({ width: 4, height: 4, surplus: true });
  expect(await decodeGreyImage(png({ data: rows(4) }), { thorough: true })).not.toHaveProperty('surplus');
});

test.each([
  [1, 'b-w', 8],
  [1, 'grey16', 16],
  [2, 'b-w', 8],
  [3, 'srgb', 8],
  [3, 'rgb16', 16],
  [4, 'srgb', 8],
] as const)(
  'the length of the data of a whole image is known: %i channels, %s of %i bits',
  async (channels, space, bits) => {
    for (const [width, height] of [
      [1, 1],
      [3, 5],
      [17, 9],
      [64, 33],
    ] as const)
      // prettier-ignore
      for (const progressive of [false, true]) {
      const colour = { r: 90, g: 20, b: 60, alpha: 0.5 };
      const image = sharp({ create: { width, height, channels: 4, background: colour } });
      const flat = channels % 2 === 1 ? image.removeAlpha() : image;
      const file = await flat.toColourspace(space).png({ progressive }).toBuffer();
      const header = readPngHeader(file);
      expect([header.bitDepth, header.interlaced]).toEqual([bits, progressive]);
      const data = [...pngChunks(file)].flatMap((one) => (one.type === 'IDAT' ? [one.data] : []));
      expect(inflateSync(Buffer.concat(data)).length).toBe(filteredLength(header));
      expect(hasSurplusData(file)).toBe(false);
    }
  },
);

test('bits of less than a byte: rows begin on a byte', () => {
  const header = { width: 9, height: 2, colourType: 0, interlaced: false };
  expect([1, 2, 4].map((bitDepth) => filteredLength({ ...header, bitDepth }))).toEqual([6, 8, 12]);
});
